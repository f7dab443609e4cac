"""All benchmarks that need nothing but the data folder, each in a process of its own.

    python -m benchmarks [DATA] [--only score,scale] [--out FOLDER] [--minutes 10]

A script of this folder takes part if its usage line says so: its only argument is DATA, or it has
none. Without DATA, only those that need no data run. Peers that are not installed are named by the
scripts and left out. What is printed is also stored as Markdown, if a folder is given.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PEERS = (
    "jiwer rapidfuzz kaldialign meeteval werpy indic-nlp-library indic-transliteration uroman "
    "aksharamukha vidyut pyctcdecode flashlight-text fast-ctc-decode kaldi-native-fbank sherpa-onnx"
).split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks")
    parser.add_argument("data", nargs="?", help="folder of public evaluation data")
    parser.add_argument("--only", help="scripts to run, separated by commas")
    parser.add_argument("--out", type=Path, help="folder for the results")
    parser.add_argument("--minutes", type=float, default=10, help="stop a script after this time")
    options = parser.parse_args()
    lines = [machine(), peers()]
    print("\n\n".join(lines), flush=True)
    for script, needs_data in scripts():
        if options.only and script.stem not in options.only.split(","):
            continue
        if needs_data and options.data is None:
            lines.append(f"## {script.stem}\n\nleft out: it needs the data folder")
        else:
            lines.append(run(script, [options.data] if needs_data else [], options.minutes))
        print(f"\n{lines[-1]}", flush=True)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        path = options.out / f"results-{datetime.date.today().isoformat()}.md"
        path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
        print(f"\nStored in {path}")


def scripts() -> Iterator[tuple[Path, bool]]:
    """The scripts that can run by themselves, and whether they need the data."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        usage = re.search(
            rf"^ *python (?:-m benchmarks\.|benchmarks/){path.stem}(?:\.py)?( DATA)?( \[.*\])*$",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
        if usage:
            yield path, usage[1] is not None


def run(script: Path, arguments: list[str], minutes: float) -> str:
    """What a script prints, how long it took, and the most memory it had."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{script.stem}", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        text, _ = process.communicate(timeout=60 * minutes)
        end = "" if process.returncode == 0 else f", failed with {process.returncode}"
    except subprocess.TimeoutExpired:
        process.kill()
        text, _ = process.communicate()
        end = ", stopped: it took too long"
    seconds = time.perf_counter() - start
    return f"## {script.stem}\n\n```\n{text.rstrip()}\n```\n\n{seconds:.0f} s{end}"


def machine() -> str:
    """The machine and the Python that the numbers are from."""
    information = Path("/proc/cpuinfo")
    found = (
        re.search(r"model name\s*: (.*)", information.read_text(encoding="utf-8"))
        if information.exists()
        else None
    )
    processor = found[1] if found else platform.processor() or "unknown processor"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"# Benchmarks, {datetime.date.today().isoformat()}\n\n{processor}, {os.cpu_count()} cores"
        f"{load}; {platform.system()}; Python {platform.python_version()}"
    )


def peers() -> str:
    """The versions of the peers, and which are absent."""
    versions, absent = [], []
    for name in PEERS:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
    return f"Peers: {', '.join(versions)}. Absent: {', '.join(absent) or 'none'}."


if __name__ == "__main__":
    main()
