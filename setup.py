"""Packaging: the code, the data folders mapped into the wheel, and the C++ kernels."""

from pathlib import Path

from pybind11.setup_helpers import Pybind11Extension, build_ext
from setuptools import find_packages, setup

DATA = ("normalizers", "lexicons", "lm", "models")

data_packages = {f"cswitch.data.{name}": name for name in DATA if Path(name).is_dir()}

setup(
    packages=[*find_packages(include=["cswitch", "cswitch.*"]), *data_packages],
    package_dir=data_packages,
    package_data={
        "cswitch": ["py.typed", "**/*.pyi", "synth/*.tsv", "report/**/*", "sample/**/*"],
        **{package: ["**/*"] for package in data_packages},
    },
    ext_modules=[
        Pybind11Extension(".".join(source.with_suffix("").parts), [str(source)], cxx_std=17)
        for source in sorted(Path("cswitch").rglob("_*.cpp"))
    ],
    cmdclass={"build_ext": build_ext},
)
