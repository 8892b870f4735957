"""`linux.intelRdt` on the host's own resctrl file system, or its absence said by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only
from tuicontainer.errors import Unsupported
from tuicontainer.runtime.resctrl import find_resctrl

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]


def rdt(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["linux"].update(intelRdt=fields)


def root() -> Path | None:
    try:
        return Path(find_resctrl())
    except Unsupported:
        return None


@pytest.fixture
def resctrl() -> Path:
    found = root()
    if found is None:
        pytest.skip("needs a processor with Intel RDT and resctrl mounted")
    return found


@pytest.mark.skipif(root() is not None, reason="resctrl is mounted here")
@pytest.mark.parametrize("fields", [{}, {"closID": "x"}, {"l3CacheSchema": "L3:0=f"}])
def test_without_resctrl_it_is_refused_by_name(door: Door, fields: dict[str, Any]) -> None:
    bundle = door.bundle("/bin/true", change=rdt(**fields))
    said = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert "`linux.intelRdt` needs the resctrl file system, which isn't mounted" in said


def test_a_container_and_its_execs_are_in_its_class(door: Door, resctrl: Path) -> None:
    container_id = door.started(door.shell("sleep 60", rdt(enableMonitoring=False)))
    door.ok("exec", "--detach", container_id, "/bin/sleep", "61")
    own = resctrl / container_id
    assert str(door.state(container_id)["pid"]) in (own / "tasks").read_text().split()
    assert len((own / "tasks").read_text().split()) >= 2
    door.ok("delete", "--force", container_id)
    assert not own.exists()


def test_a_failing_create_leaves_no_class(door: Door, resctrl: Path) -> None:
    before = set(os.listdir(resctrl))
    bundle = door.bundle("/no/such/program", change=rdt())
    door.fails("create", "--bundle", str(bundle), door.new_id())
    assert set(os.listdir(resctrl)) == before
