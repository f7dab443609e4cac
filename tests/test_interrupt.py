"""Ctrl-C in a long run: no half-written file, no process left, exit code 130."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cswitch.recognition.audio import SAMPLE_RATE

PATIENCE = 240  # seconds, for a machine that has much else to do
LINES = 2_000_000  # more than is done before the signal

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux")

Start = Callable[[str], subprocess.Popen[str]]


def arguments(folder: Path, command: str) -> list[str]:
    """A command that takes long and writes the file ``out``."""
    if command == "transcribe":
        noise = np.random.default_rng(0).normal(0, 0.1, 1800 * SAMPLE_RATE)
        soundfile.write(folder / "0.wav", noise.astype(np.float32), SAMPLE_RATE)
        for number in range(1, 9):
            (folder / f"{number}.wav").symlink_to(folder / "0.wav")
        return [command, *(f"{number}.wav" for number in range(9)), "--greedy", "-o", "out"]
    (folder / "lines").write_bytes("घर home\n".encode() * LINES)
    if command == "score":
        return [command, "lines", "lines", "--json", "out"]
    return [command, "lines", "--lang", "hi_en", "-o", "out"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a command in a group of its own, as a shell does, and waits for its two workers."""
    processes: list[subprocess.Popen[str]] = []

    def start_one(command: str) -> subprocess.Popen[str]:
        listed = [*arguments(tmp_path, command), "--jobs", "2"]
        process = subprocess.Popen(
            [sys.executable, "-c", "from cswitch.cli import main; main()", *listed],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        wait_for(lambda: len(workers(process.pid)) == 2 or process.poll() is not None)
        return process

    yield start_one
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def workers(pid: int) -> list[int]:
    """The workers that a process has started."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        commands = {int(child): Path(f"/proc/{child}/cmdline").read_text() for child in found}
    except OSError:
        return []
    return [child for child, command in commands.items() if "spawn_main" in command]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.1)


@pytest.mark.parametrize("command", ["score", "normalize", "transcribe"])
def test_an_interrupted_command_leaves_nothing(start: Start, tmp_path: Path, command: str) -> None:
    process = start(command)
    children = workers(process.pid)
    temporary = (".", "out.part")  # what unfinished output is called meanwhile
    before = {path.name for path in tmp_path.iterdir() if not path.name.startswith(temporary)}
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, told
    assert told == "cswitch: interrupted\n"
    assert {path.name for path in tmp_path.iterdir()} == before
    assert "out" not in before
    wait_for(lambda: not any(map(alive, children)))


def test_a_terminated_command_leaves_nothing(start: Start, tmp_path: Path) -> None:
    process = start("normalize")
    children = workers(process.pid)
    process.terminate()
    _, told = process.communicate(timeout=PATIENCE)
    assert (process.returncode, told) == (143, "")
    assert [path.name for path in tmp_path.iterdir()] == ["lines"]
    wait_for(lambda: not any(map(alive, children)))


def test_workers_end_with_a_command_that_is_killed(start: Start) -> None:
    process = start("normalize")
    children = workers(process.pid)
    assert len(children) == 2
    process.kill()
    process.wait()
    wait_for(lambda: not any(map(alive, children)))
