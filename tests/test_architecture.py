"""The map and the order that CONTRIBUTING.md gives are those of the modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "cswitch"
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def imported(module: str) -> set[str]:
    """The modules that a module imports at any time; what only types need does not count."""
    found: set[str] = set()
    for node in at_run_time(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{name.name}" for name in node.names}
            found |= (inner & MODULES.keys()) or {node.module}
    return found & MODULES.keys() - {module, "cswitch"}


def at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from at_run_time(child)


def place(module: str) -> str:
    """The module or folder of the package that a module is, or is in."""
    return module.split(".")[1]


def mapped(line: str) -> Iterator[Path]:
    """The modules and folders that a line of the guide names; modules after their folder."""
    names = re.findall(r"`([a-z_/]+\.(?:py|cpp)|[a-z_]+/)`", line)
    folders = [PACKAGE, *(PACKAGE / name for name in names if name.endswith("/")), ROOT]
    for name in names:
        yield next((each / name for each in folders if (each / name).exists()), Path(name))


IMPORTS = {module: imported(module) for module in MODULES}
FOLDERS = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))
MAP = {path for line in GUIDE.splitlines() for path in mapped(line)}


def test_no_imports_go_in_circles() -> None:
    assert len(list(TopologicalSorter(IMPORTS).static_order())) == len(MODULES)


def test_modules_import_only_what_stands_before_them_in_the_order() -> None:
    [said] = re.findall(r"in this\s+order: ([a-z, \n]+)\.", GUIDE)
    order = re.split(r",\s+", said)
    assert order[0] == "errors" and order[-1] == "cli"
    for module, others in IMPORTS.items():
        if module != "cswitch" and place(module) in order:
            later = set(order[order.index(place(module)) + 1 :])
            assert not later & set(map(place, others)), module


def is_code(path: Path) -> bool:
    return path.suffix in (".py", ".cpp") and path.name != "__init__.py"


@pytest.mark.parametrize("path", sorted(PACKAGE.iterdir()), ids=lambda path: path.name)
def test_every_module_has_its_place_in_the_map(path: Path) -> None:
    if is_code(path) or path in FOLDERS:
        assert path in MAP


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_the_map_names_all_modules_of_a_folder_or_none(folder: Path) -> None:
    modules = set(filter(is_code, folder.iterdir()))
    assert not MAP & modules or modules <= MAP


def test_the_map_names_only_what_is_there() -> None:
    assert not [path for path in MAP if not path.exists()]
