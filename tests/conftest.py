"""What tests of several modules stand on."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(params=["folder", "file", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder here, its address, or an address elsewhere."""
    if request.param != "folder":
        pytest.importorskip("fsspec")
    addresses = {"file": tmp_path.as_uri(), "memory": f"memory://{tmp_path.name}"}
    return addresses.get(request.param, str(tmp_path))
