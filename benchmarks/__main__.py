"""All benchmarks that need nothing but the data folder, each in a process of its own.

    python -m benchmarks [DATA] [--only score,scale] [--out FOLDER] [--resume] [--minutes 30]

The commands are the usage lines of the scripts of this folder that ask for nothing but DATA, if
for anything; what stands in brackets is left out. Without DATA, only those that need no data run.
Peers that are not installed are named, and the scripts leave them out. A script that fails or
takes too long does not keep the others from running.

With a folder to store them in, the results stand in its ``results.json`` and ``results.md`` as soon
as each command has ended; those of other commands stay there, and with --resume commands that have
succeeded are not run again.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cswitch.files import atomic_write

PEERS = (
    "jiwer rapidfuzz kaldialign meeteval werpy indic-nlp-library indic-transliteration uroman "
    "aksharamukha vidyut pyctcdecode flashlight-text fast-ctc-decode kaldi-native-fbank sherpa-onnx"
).split()
SCLITE = "/usr/lib/sctk/bin/sclite"  # where Debian has it
ROOT = Path(__file__).parent.parent
USAGE = re.compile(r"^ {4}python (?:-m benchmarks\.|benchmarks/)(\w+)(?:\.py)?(.*)$", re.MULTILINE)
PLACEHOLDER = re.compile(r"(?<![\w-])[A-Z]{2,}(?!\w)")

Result = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks")
    parser.add_argument("data", nargs="?", help="folder of public evaluation data")
    parser.add_argument("--only", help="scripts to run, separated by commas")
    parser.add_argument("--out", type=Path, help="folder for the results")
    parser.add_argument("--resume", action="store_true", help="run what has not succeeded yet")
    parser.add_argument("--minutes", type=float, default=30, help="stop a command after this time")
    options = parser.parse_args()
    stored = read(options.out) if options.out else {}
    print(f"{machine()}\n{peers()}", flush=True)
    wanted = options.only.split(",") if options.only else None
    chosen = [command for command in commands() if wanted is None or command.split()[0] in wanted]
    failed = 0
    for number, command in enumerate(chosen, start=1):
        print(f"\n[{number}/{len(chosen)}] {command}", flush=True)
        if "DATA" in command and options.data is None:
            print("left out: it needs the data folder")
        elif options.resume and stored.get(command, {}).get("end") == "":
            print("left out: it has been run")
        else:
            result = run(command, options.data, options.minutes)
            print(outcome(result), flush=True)
            failed += result["end"] != ""
            stored[command] = result
            if options.out:
                store(options.out, stored)
    if options.out:
        print(f"\nStored in {options.out / 'results.md'} and results.json")
    if failed:
        sys.exit(f"{failed} of {len(chosen)} commands failed")


def commands() -> Iterator[str]:
    """What can be run with the data folder alone: the name of a script and its arguments."""
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        for script, arguments in USAGE.findall(path.read_text(encoding="utf-8")):
            needed = re.sub(r"\[[^]]*\]", "", arguments).strip()
            if set(PLACEHOLDER.findall(needed)) <= {"DATA"}:
                yield f"{script} {needed}".strip()


def run(command: str, data: str | None, minutes: float) -> Result:
    """Run a command, showing what it prints; how it ended, how long it took, its peak memory."""
    script, *arguments = shlex.split(command)
    arguments = [re.sub(r"^DATA\b", str(data), argument) for argument in arguments]
    start, late = time.perf_counter(), threading.Event()
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{script}", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
        start_new_session=True,  # so that all it starts can be ended with it
    )

    def stop() -> None:
        late.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(60 * minutes, stop)
    timer.start()
    lines = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            print(f"    {line}", end="", flush=True)
            lines.append(line.rstrip())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    except BaseException:
        stop()
        raise
    finally:
        timer.cancel()
    failure = f"failed with exit code {process.returncode}" if process.returncode else ""
    return {
        "end": f"stopped after {minutes:g} minutes" if late.is_set() else failure,
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss / 1024),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes"),
        "machine": machine(),
        "peers": peers(),
        "output": lines,
    }


def outcome(result: Result) -> str:
    """How a command ended, in one line."""
    return (
        f"{result['seconds']:,.0f} s ({result['processor_seconds']:,.0f} s of processor time), "
        f"peak memory {result['peak_mb']:,} MB{result['end'] and ', '}{result['end']}"
    )


def read(folder: Path) -> dict[str, Result]:
    """The results that are stored."""
    path = folder / "results.json"
    stored: dict[str, Result] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return stored


def store(folder: Path, results: dict[str, Result]) -> None:
    """Write the results as JSON, and as Markdown to be read."""
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / "results.json") as out:
        json.dump(results, out, ensure_ascii=False, indent=1)
    with atomic_write(folder / "results.md") as out:
        out.write("# Benchmarks\n\n| command | seconds | of processor time | peak MB | |\n")
        out.write("|---|---|---|---|---|\n")
        for command, each in results.items():
            cells = (command, each["seconds"], each["processor_seconds"], each["peak_mb"])
            out.write(f"| {' | '.join(map(str, cells))} | {each['end']} |\n")
        for command, each in results.items():
            printed = "\n".join(each["output"])
            out.write(
                f"\n## {command}\n\n{each['date']}, {each['machine']}\\\n{each['peers']}\\\n"
                f"{outcome(each)}\n\n```\n{printed}\n```\n"
            )


def machine() -> str:
    """The machine and the Python that the numbers are from."""
    processor = _first(r"model name\s*: (.*)", "/proc/cpuinfo") or platform.processor() or "unknown"
    memory = _first(r"MemTotal:\s*(\d+)", "/proc/meminfo")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ", ".join(
        [
            processor,
            f"{cores} of {os.cpu_count()} cores",
            *([f"{int(memory) / 2**20:.0f} GB"] if memory else []),
            *([f"load {os.getloadavg()[0]:.1f}"] if hasattr(os, "getloadavg") else []),
            platform.system(),
            f"Python {platform.python_version()}",
            f"cswitch {importlib.metadata.version('cswitch-asr')}",
        ]
    )


def peers() -> str:
    """The versions of the peers, and which are absent."""
    versions, absent = [], []
    for name in PEERS:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
    (versions if shutil.which("sclite") or Path(SCLITE).exists() else absent).append("sclite")
    return f"Peers: {', '.join(versions)}. Absent: {', '.join(absent) or 'none'}."


def _first(pattern: str, path: str) -> str | None:
    """The first match in a file, if there is such a file."""
    try:
        found = re.search(pattern, Path(path).read_text(encoding="utf-8"))
    except OSError:
        return None
    return found[1] if found else None


if __name__ == "__main__":
    main()
