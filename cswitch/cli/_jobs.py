"""The option of commands that can use several cores."""

from __future__ import annotations

import click


class _Jobs(click.ParamType):
    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        if value == "all":
            return 0
        number: int = click.IntRange(min=0).convert(value, param, ctx)
        return number


jobs_option = click.option(
    "--jobs", default=1, show_default=True, type=_Jobs(), help="Processes to use; 'all' or 0 for all cores."
)
