"""A manager for each test, and proof that the kernel holds nothing of its containers afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.e2e.manager import Manager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def make_manager() -> Iterator[Callable[..., Manager]]:
    """Make managers whose folders have short paths, which sockets need, and are open to others."""
    made: list[Manager] = []

    def make(state_root: str = "") -> Manager:
        folder = tempfile.mkdtemp(prefix="tui-e2e-")
        os.chmod(folder, 0o755)
        os.mkdir(os.path.join(folder, "home"))
        manager = Manager(folder, os.path.join(folder, state_root) if state_root else None)
        made.append(manager)
        return manager

    yield make
    traces = [manager.close() for manager in made]
    for manager in made:
        shutil.rmtree(manager.folder, ignore_errors=True)
    assert not any(traces), traces


@pytest.fixture
def manager(make_manager: Callable[..., Manager]) -> Manager:
    """One manager with a state root of its own."""
    return make_manager()
