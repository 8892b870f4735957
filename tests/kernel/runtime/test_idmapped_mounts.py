"""Id-mapped mounts: files with other owners than on their file system."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.conftest import ours_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.runtime.door import Door

pytestmark = pytest.mark.kernel

RELEASE = tuple(int(part) for part in os.uname().release.split(".")[:2])
mapped_tmpfs = pytest.mark.skipif(
    RELEASE < (6, 3), reason="needs a tmpfs that can be id-mapped (Linux 6.3)"
)
FIRST = 100_000
OWN = [{"containerID": 0, "hostID": FIRST, "size": 65536}]


def mapping(inside: int, outside: int, size: int = 100) -> Any:
    return [{"containerID": inside, "hostID": outside, "size": size}]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a file of each of three users, on a file system that can be mapped."""
    folder = tmp_path / "source"
    folder.mkdir()
    for uid, gid in ((0, 0), (7, 8), (1000, 1001)):
        (folder / f"of{uid}").touch()
        os.chown(folder / f"of{uid}", uid, gid)
    return folder


def with_mount(
    source: Path, *options: str, user_namespace: bool = False, **fields: Any
) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["mounts"].append(
            {"destination": "/shown", "source": str(source), "options": list(options), **fields}
        )
        if user_namespace:
            document["linux"]["namespaces"].append({"type": "user"})
            document["linux"] |= {"uidMappings": OWN, "gidMappings": OWN}

    return change


def owners(text: str) -> dict[str, tuple[str, str]]:
    """Return users and groups by file, from `ls -ln`."""
    rows = [line.split() for line in text.splitlines() if "of" in line]
    return {row[-1]: (row[2], row[3]) for row in rows}


def own(bundle: Path) -> None:
    """Let the container's root own its root file system."""
    for folder, folders, files in os.walk(bundle / "rootfs"):
        for name in (*folders, *files, "."):
            os.lchown(os.path.join(folder, name), FIRST, FIRST)


def test_mappings_of_the_mount(door: Door, source: Path) -> None:
    maps: dict[str, Any] = {"uidMappings": mapping(0, 2000), "gidMappings": mapping(0, 3000)}
    bundle = door.shell("ls -ln /shown", with_mount(source, "bind", **maps))
    seen = owners(door.run(bundle))
    assert seen["of0"] == ("2000", "3000")
    assert seen["of7"] == ("2007", "3008")
    # What the map doesn't name is nobody's.
    assert seen["of1000"] == ("65534", "65534")


def test_what_is_made_belongs_to_the_mapped_user(door: Door, source: Path) -> None:
    maps: dict[str, Any] = {"uidMappings": mapping(1000, 0), "gidMappings": mapping(1001, 0)}
    os.chown(source, 1000, 1001)
    door.run(door.shell("touch /shown/new", with_mount(source, "rbind", "idmap", **maps)))
    made = (source / "new").stat()
    assert (made.st_uid, made.st_gid) == (1000, 1001)


def test_idmap_alone_means_the_containers_user_namespace(door: Door, source: Path) -> None:
    change = with_mount(source, "bind", "idmap", user_namespace=True)
    bundle = door.shell("ls -ln /shown; touch /shown/new", change)
    own(bundle)
    seen = owners(door.run(bundle))
    assert seen["of0"] == ("0", "0")
    assert seen["of1000"] == ("1000", "1001")
    assert (source / "new").stat().st_uid == 0


def test_a_joined_user_namespace_maps_too(door: Door, source: Path) -> None:
    first = door.shell("sleep 60", with_mount(source, "bind", user_namespace=True))
    own(first)
    pid = door.state(door.started(first))["pid"]

    def change(document: dict[str, Any]) -> None:
        with_mount(source, "bind", "idmap")(document)
        document["linux"]["namespaces"].append({"type": "user", "path": f"/proc/{pid}/ns/user"})

    second = door.shell("ls -ln /shown", change)
    own(second)
    assert owners(door.run(second))["of7"] == ("7", "8")


def test_a_mount_may_map_otherwise_than_its_container(door: Door, source: Path) -> None:
    maps: dict[str, Any] = {"uidMappings": mapping(7, FIRST), "gidMappings": mapping(8, FIRST + 5)}
    change = with_mount(source, "bind", user_namespace=True, **maps)
    bundle = door.shell("ls -ln /shown", change)
    own(bundle)
    assert owners(door.run(bundle))["of7"] == ("0", "5")


@ours_only
def test_the_option_of_crun_with_ranges(door: Door, source: Path) -> None:
    option = "idmap=uids=0-2000-1#7-30-10;gids=0-100-10"
    bundle = door.shell("ls -ln /shown", with_mount(source, "bind", option))
    seen = owners(door.run(bundle))
    assert seen["of0"] == ("2000", "100")
    assert seen["of7"] == ("30", "108")


@ours_only
def test_ranges_relative_to_the_container(door: Door, source: Path) -> None:
    change = with_mount(source, "bind", "idmap=uids=@1000-5-1", user_namespace=True)
    bundle = door.shell("ls -ln /shown", change)
    own(bundle)
    seen = owners(door.run(bundle))
    assert seen["of1000"] == ("5", "1001")


@pytest.mark.parametrize(("option", "below"), [("idmap", "0"), ("ridmap", "2000")])
@mapped_tmpfs
def test_only_ridmap_maps_the_mounts_below(
    door: Door, source: Path, option: str, below: str
) -> None:
    maps: dict[str, Any] = {"uidMappings": mapping(0, 2000), "gidMappings": mapping(0, 2000)}
    (source / "inner").mkdir()
    script = "ls -ln /shown; ls -ln /shown/inner"
    bundle = door.shell(script, with_mount(source, "rbind", option, **maps))
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", source / "inner"], check=True)
    try:
        (source / "inner" / "of-below").touch()
        seen = owners(door.run(bundle))
    finally:
        subprocess.run(["umount", source / "inner"], check=True)
    assert seen["of0"] == ("2000", "2000")
    assert seen["of-below"] == (below, below)


def test_attributes_and_mapping_together(door: Door, source: Path) -> None:
    maps: dict[str, Any] = {"uidMappings": mapping(0, 2000), "gidMappings": mapping(0, 2000)}
    script = "touch /shown/new; ls -ln /shown; sed -n '/ .shown /p' /proc/self/mountinfo"
    bundle = door.shell(script, with_mount(source, "bind", "ro", "nosuid", "idmap", **maps))
    said = door.run(bundle)
    assert owners(said)["of0"] == ("2000", "2000")
    assert "ro,nosuid" in said
    assert "new" not in os.listdir(source)


@ours_only
@mapped_tmpfs
def test_the_host_gets_no_mount_made_in_it(door: Door, source: Path) -> None:
    """Where the source is a shared mount of the host, the container's copy isn't its peer."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", source], check=True)
    subprocess.run(["mount", "--make-shared", source], check=True)
    try:
        maps: dict[str, Any] = {"uidMappings": mapping(0, 2000), "gidMappings": mapping(0, 2000)}
        change = with_mount(source, "bind", "idmap", **maps)
        bundle = door.shell("sed -n '/ .shown /p' /proc/self/mountinfo", change)
        said = door.run(bundle)
    finally:
        subprocess.run(["umount", source], check=True)
    assert "shared:" not in said
    assert "master:" in said


@pytest.mark.parametrize(
    ("options", "fields", "text"),
    [
        (["bind", "idmap"], {}, "`idmap` needs `uidMappings` and `gidMappings`"),
        (["idmap"], {"type": "tmpfs"}, "only bind mounts can"),
        (["bind"], {"uidMappings": mapping(0, 1)}, "must have both"),
        (["bind", "idmap=uids=0-1-1"], {}, "has no `gids`"),
        (["bind", "idmap=x=0-1-1"], {}, "must be `uids=…` and `gids=…`"),
        (["bind", "idmap=uids=0-1;gids=0-1-1"], {}, "no range of ids"),
        (["bind", "idmap=uids=0-1-0;gids=0-1-1"], {}, "it is empty"),
        (["bind", "idmap=uids=@0-1-1;gids=0-1-1"], {}, "isn't within one range"),
    ],
)
@ours_only
def test_what_cannot_be_mapped_is_refused(
    door: Door, source: Path, options: list[str], fields: dict[str, Any], text: str
) -> None:
    bundle = door.shell("true", with_mount(source, *options, **fields))
    assert text in door.fails("create", "--bundle", str(bundle), door.new_id())


@ours_only
def test_a_file_system_that_cannot_be_mapped_is_named(door: Door) -> None:
    maps: dict[str, Any] = {"uidMappings": mapping(0, 2000), "gidMappings": mapping(0, 2000)}
    bundle = door.shell("true", with_mount(Path("/sys/kernel"), "bind", "idmap", **maps))
    said = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert "the file system of `/sys/kernel`" in said
    assert "can't be id-mapped" in said


@ours_only
def test_a_missing_source_leaves_nothing(door: Door, tmp_path: Path) -> None:
    maps: dict[str, Any] = {"uidMappings": mapping(0, 2000), "gidMappings": mapping(0, 2000)}
    change = with_mount(tmp_path / "missing", "bind", "idmap", **maps)
    bundle = door.shell("true", change)
    said = door.fails("create", "--bundle", str(bundle), door.new_id())
    assert str(tmp_path / "missing") in said
