"""Mounts on folders that are there already: on the root itself, and tmpfs on any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.door import OTHER

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door


def mounting(entry: dict[str, Any], *, read_only: bool = True) -> Any:
    def change(document: dict[str, Any]) -> None:
        document["root"]["readonly"] = read_only
        document["mounts"].insert(0, entry)

    return change


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.skipif("crun" in OTHER, reason="crun 1.8.1 refuses it")
def test_a_bind_on_the_root_replaces_it(door: Door, read_only: bool) -> None:
    other = door.shell("true") / "rootfs"
    (other / "tmp" / "word").write_text("other")
    entry = {"destination": "/", "type": "bind", "source": str(other), "options": ["bind"]}
    script = "cat /tmp/word; touch /tmp/new 2>/dev/null; [ -e /tmp/new ]; echo $?; ls -d /proc/1"
    bundle = door.shell(script, mounting(entry, read_only=read_only))
    told = door.run(bundle)
    assert not (bundle / "rootfs" / "tmp" / "new").exists()
    assert told == f"other{int(read_only)}\n/proc/1\n"
    assert (other / "tmp" / "new").exists() is not read_only


@pytest.mark.skipif("crun" in OTHER, reason="crun 1.8.1 refuses it")
def test_a_tmpfs_on_the_root_begins_with_a_copy(door: Door) -> None:
    entry = {"destination": "/", "type": "tmpfs", "options": ["tmpcopyup"]}
    bundle = door.shell("touch /new && ls /new", mounting(entry, read_only=False))
    assert door.run(bundle) == "/new\n"
    assert not (bundle / "rootfs" / "new").exists()


@pytest.mark.skipif(bool(OTHER), reason="what others say")
@pytest.mark.parametrize("kind", ["proc", "sysfs", "cgroup"])
def test_no_file_system_of_the_kernels_is_a_root(door: Door, kind: str) -> None:
    bundle = door.shell("true", mounting({"destination": "/", "type": kind}))
    said = door.fails("run", "-b", str(bundle), door.new_id())
    assert "can't be the container's root" in said or "may be mounted" in said


@pytest.mark.skipif(bool(OTHER), reason="crun 1.8.1 has 1777, runc 1.1.5 ignores `mode`")
@pytest.mark.parametrize(
    ("options", "mode"), [([], "712"), (["ro"], "712"), (["mode=0410"], "410")]
)
def test_a_tmpfs_has_the_mode_of_what_it_covers(door: Door, options: list[str], mode: str) -> None:
    entry = {"destination": "/there", "type": "tmpfs", "source": "tmpfs", "options": options}
    bundle = door.shell("busybox stat -c %a /there", mounting(entry))
    (bundle / "rootfs" / "there").mkdir()
    (bundle / "rootfs" / "there").chmod(0o712)
    assert door.run(bundle) == f"{mode}\n"
