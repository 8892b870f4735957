"""`mounts add` and `mounts remove` on running containers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.door import OTHER, mounts

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(bool(OTHER), reason="crun 1.8.1 and runc have no such command"),
]


def listed(door: Door, *entries: dict[str, Any]) -> str:
    path = door.folder / "mounts.json"
    path.write_text(json.dumps(entries))
    return str(path)


def inside(door: Door, container_id: str) -> dict[str, str]:
    """Return type and options by mount point, as the container sees them."""
    text = Path(f"/proc/{door.state(container_id)['pid']}/mountinfo").read_text()
    fields = (line.split() for line in text.splitlines())
    return {each[4]: f"{each[each.index('-') + 1]} {each[5]}" for each in fields}


def writable(document: dict[str, Any]) -> None:
    document["root"]["readonly"] = False


def with_user_namespace(document: dict[str, Any]) -> None:
    writable(document)
    mapping = [{"containerID": 0, "hostID": 0, "size": 65536}]
    document["linux"] |= {"uidMappings": mapping, "gidMappings": mapping}
    document["linux"]["namespaces"].append({"type": "user"})


@pytest.mark.parametrize("change", [writable, with_user_namespace], ids=["plain", "user-namespace"])
def test_mounts_come_and_go(door: Door, change: Any) -> None:
    source = door.folder / "source"
    source.mkdir()
    (source / "word").write_text("hello")
    container_id = door.started(door.shell("exec sleep 100", change))
    before, on_the_host = inside(door, container_id), mounts()
    file = listed(
        door,
        {"destination": "/tmp/there", "type": "bind", "source": str(source), "options": ["ro"]},
        {"destination": "/tmp/one", "source": str(source / "word"), "options": ["bind"]},
        {"destination": "/tmp/new", "type": "tmpfs", "options": ["size=4k", "nosuid"]},
    )
    door.ok("mounts", "add", container_id, file)
    after = inside(door, container_id)
    assert after.keys() - before.keys() == {"/tmp/there", "/tmp/one", "/tmp/new"}
    assert "ro," in after["/tmp/there"]
    assert after["/tmp/new"].startswith("tmpfs rw,nosuid")
    read = ["/bin/cat", "/tmp/there/word", "/tmp/one"]
    assert door.ok("exec", container_id, *read) == "hellohello"
    door.ok("mounts", "remove", container_id, file)
    assert inside(door, container_id) == before
    assert mounts() == on_the_host


def test_a_failing_mount_takes_the_others_away(door: Door) -> None:
    container_id = door.started(door.shell("exec sleep 100", writable))
    before = inside(door, container_id)
    for second, text in (
        ({"destination": "/tmp/b", "type": "bind", "source": "/nowhere"}, "/nowhere"),
        ({"destination": "/tmp/b", "type": "nosuchfs"}, "nosuchfs"),
        ({"destination": "/proc/sys", "type": "tmpfs"}, "may not be mounted over"),
        ({"destination": "/tmp/b", "type": "proc"}, "wrong processes"),
        ({"destination": "/", "type": "tmpfs"}, "root"),
    ):
        file = listed(door, {"destination": "/tmp/a", "type": "tmpfs"}, second)
        assert text in door.fails("mounts", "add", container_id, file)
        assert inside(door, container_id) == before, second
    file = listed(door, {"destination": "/tmp/a"})
    assert "/tmp/a" in door.fails("mounts", "remove", container_id, file)


def test_nothing_is_mounted_outside_of_the_root(door: Door) -> None:
    """The destination is a link of the container's to a folder of the host."""
    outside = door.folder / "outside"
    outside.mkdir()
    bundle = door.shell("exec sleep 100", writable)
    (bundle / "rootfs" / "trap").symlink_to(outside)
    container_id, on_the_host = door.started(bundle), mounts()
    file = listed(door, {"destination": "/trap/x", "type": "tmpfs"})
    said = door.call("mounts", "add", container_id, file)
    assert mounts() == on_the_host
    assert os.listdir(outside) == []
    # The kernel reads the link from the container's root, where that folder is made.
    assert said.returncode == 0
    assert inside(door, container_id)[f"{outside}/x"].startswith("tmpfs")


def test_wrong_words(door: Door) -> None:
    container_id = door.started(door.shell("true"))
    door.await_status(container_id, "stopped")
    file = listed(door, {"destination": "/tmp/a", "type": "tmpfs"})
    assert "stopped container" in door.fails("mounts", "add", container_id, file)
    assert "does not exist" in door.fails("mounts", "add", "nosuch", file)
    assert "`add` or `remove`" in door.fails("mounts", "move", container_id, file)
    assert "nosuch.json" in door.fails("mounts", "add", container_id, "nosuch.json")
    Path(file).write_text("{")
    assert "JSON" in door.fails("mounts", "add", container_id, file)
