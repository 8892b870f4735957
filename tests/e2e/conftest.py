"""A manager for each test, and proof that the kernel holds nothing of its containers afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.e2e.manager import Manager, Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def new_manager(state_root: str = "") -> Manager:
    """Make a manager in a folder of its own."""
    folder = tempfile.mkdtemp(prefix="tui-e2e-")
    os.chmod(folder, 0o755)
    os.mkdir(os.path.join(folder, "home"))
    return Manager(folder, os.path.join(folder, state_root) if state_root else None)


def end(managers: list[Manager]) -> None:
    """Close managers, remove their folders and expect nothing left in the kernel."""
    traces = [manager.close() for manager in managers]
    for manager in managers:
        shutil.rmtree(manager.folder, ignore_errors=True)
    assert not any(traces), traces


@pytest.fixture
def make_manager() -> Iterator[Callable[..., Manager]]:
    """Make managers whose folders have short paths, which sockets need, and are open to others."""
    made: list[Manager] = []

    def make(state_root: str = "") -> Manager:
        made.append(new_manager(state_root))
        return made[-1]

    yield make
    end(made)


@pytest.fixture
def manager(make_manager: Callable[..., Manager]) -> Manager:
    """One manager with a state root of its own."""
    return make_manager()


@pytest.fixture(scope="module")
def shared() -> Iterator[Manager]:
    """One manager for all tests of a file: each makes containers of its own and leaves none."""
    manager = new_manager()
    yield manager
    end([manager])


@pytest.fixture(scope="module")
def _window(shared: Manager) -> Screen:
    return shared.open()


@pytest.fixture
def screen(shared: Manager, _window: Screen) -> Iterator[Screen]:
    """The one window of a file's tests, as it is when it has just been opened."""
    # Dialogs, then zoom, filter and marks: each step back is one.
    _window.press("Escape", "Escape", "Escape", "1", "=")
    _window.wait_for("1 Bundles", "2 Containers")
    yield _window
    if ids := list(shared.rows()):
        shared.run("rm", "--force", *ids)
