"""The command line: a module of this folder is a command, loaded when it is called."""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import sys
import threading
from typing import Any

import click

from cswitch.errors import InputError
from cswitch.files import NO_ROOM, cannot_write

# What a shell reports of a program that SIGPIPE, SIGINT or SIGTERM has ended.
_READER_GONE = 141
_INTERRUPTED = 130
_TERMINATED = 143


class _Commands(click.Group):
    """A group whose commands are the modules beside this file (``lm`` is ``lm.py``)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        modules = (module.name for module in pkgutil.iter_modules(__path__))
        return sorted(name for name in modules if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader of our output has gone (``| head``): that is its right.
            _forget_output()
            ctx.exit(_READER_GONE)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            _forget_output()
            raise cannot_write(error, None) from error
        except KeyboardInterrupt:
            click.echo("cswitch: interrupted", err=True)
            ctx.exit(_INTERRUPTED)
        return result


def _forget_output() -> None:
    """Leave nothing to be flushed, and complained about, at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="cswitch-asr", prog_name="cswitch")
def cli() -> None:
    """Code-switched speech recognition: rendering errors, modeling errors, better text."""


def main(*args: Any, **kwargs: Any) -> None:
    """Run the command line; bad input ends with one line on stderr and exit code 2."""
    if threading.current_thread() is threading.main_thread():
        # A scheduler's SIGTERM must not leave unfinished files, nor workers, behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    try:
        cli(*args, **kwargs)
    except InputError as error:
        click.echo(f"cswitch: {error}", err=True)
        sys.exit(2)
