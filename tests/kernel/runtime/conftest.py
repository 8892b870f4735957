"""The door of each test, and the proof that the test leaves the host as it was."""

from __future__ import annotations

import ctypes
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.door import OTHER, Door, cgroup_folders, descendants, mounts
from tests.patience import patient

if TYPE_CHECKING:
    from collections.abc import Iterator

_PR_SET_CHILD_SUBREAPER = 36

COMPARING = "TUICONTAINER_COMPARING"
"""Set by `python -m tests.differences`."""

ours_only = pytest.mark.skipif(bool(OTHER), reason="a case of our own runtime (RUNTIME is set)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the cases here that call our own functions, where commands are to be compared."""
    if not OTHER and not os.environ.get(COMPARING):
        return
    here = Path(__file__).parent
    ours = [
        item
        for item in items
        if item.path.is_relative_to(here) and "door" not in getattr(item, "fixturenames", ())
    ]
    if ours:
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


@pytest.fixture(scope="session", autouse=True)
def subreaper() -> Iterator[None]:
    """Inherit the containers that the command line leaves behind, as conmon and a shim do."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    tmp_path.chmod(0o711)
    door = Door(tmp_path)
    with left_as_found(door):
        yield door


@contextmanager
def left_as_found(door: Door) -> Iterator[None]:
    """Close a door at the end, and prove that nothing is left."""
    mounts_before, processes_before = mounts(), descendants()
    yield
    door.close()
    deadline = time.monotonic() + patient(5)
    while (left := descendants() - processes_before) and time.monotonic() < deadline:
        for pid in left:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)
    assert not left
    assert mounts() == mounts_before
    assert not cgroup_folders(door.prefix)
    left_behind = os.listdir(door.root) if door.root.exists() else []
    assert [name for name in left_behind if name != "~seccomp"] == []
