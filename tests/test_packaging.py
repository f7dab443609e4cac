"""What is installed is what is in the checkout: the wheel built from the sdist is complete."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATA = ("normalizers", "lexicons", "lm", "models")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    if not (ROOT / "setup.py").exists():
        pytest.skip("not a checkout")
    folder = tmp_path_factory.mktemp("dist")
    # Optimisation costs a minute and changes no file name.
    environment = {**os.environ, "CFLAGS": "-O0", "CXXFLAGS": "-O0"}
    _run("setup.py", "-q", "sdist", "--dist-dir", str(folder), cwd=ROOT, env=environment)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (source,) = (path for path in folder.iterdir() if path.is_dir())
    _run("setup.py", "-q", "bdist_wheel", "--dist-dir", str(folder), cwd=source, env=environment)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def _run(*arguments: str, cwd: Path, env: dict[str, str]) -> None:
    subprocess.run([sys.executable, *arguments], cwd=cwd, env=env, check=True, capture_output=True)


def test_the_wheel_has_every_data_file_and_its_content(wheel: zipfile.ZipFile) -> None:
    expected = {
        f"cswitch/data/{path.relative_to(ROOT).as_posix()}": path
        for kind in DATA
        for path in tracked(kind)
    }
    assert expected
    missing = set(expected) - set(wheel.namelist())
    assert not missing
    for name, path in expected.items():
        assert wheel.read(name) == path.read_bytes(), name


def test_the_wheel_has_every_module_and_asset_and_no_source_of_kernels(
    wheel: zipfile.ZipFile,
) -> None:
    names = set(wheel.namelist())
    wanted = {
        path.relative_to(ROOT).as_posix() for path in tracked("cswitch") if path.suffix != ".cpp"
    }
    assert wanted <= names
    assert not [name for name in names if name.endswith(".cpp")]


def test_the_wheel_has_every_kernel_where_its_module_is_imported_from(
    wheel: zipfile.ZipFile,
) -> None:
    kernels = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for path in tracked("cswitch")
        if path.suffix == ".cpp"
    }
    built = {name.split(".")[0] for name in wheel.namelist() if name.endswith((".so", ".pyd"))}
    assert kernels == built


def test_the_wheel_installs_only_the_package(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0].split("-")[0] for name in wheel.namelist()} == {
        "cswitch",
        "cswitch_asr",
    }


def tracked(folder: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, check=True
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]
