"""Which mounts criu leaves out, and where it gets them at a restore."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.hierarchies import Hierarchies
from tuicontainer.runtime.criu.mounts import external_points, make_points, sources
from tuicontainer.runtime.criu.options import DUMP, Options, check_mount_key, encode_request
from tuicontainer.runtime.rootfs.mountinfo import parse_mounts
from tuicontainer.runtime.rootfs.plan import plan_rootfs
from tuicontainer.spec.config import Config, Linux, Mount, Namespace, Root

if TYPE_CHECKING:
    from pathlib import Path

    from tuicontainer.runtime.rootfs.plan import RootfsPlan

HOST = """
20 1 8:1 / / rw - ext4 /dev/sda rw
21 20 0:5 / /proc rw - proc proc rw
22 20 0:6 / /sys rw - sysfs sysfs rw
23 22 0:30 / /sys/fs/cgroup rw - cgroup2 none rw
24 20 0:40 / /data rw - tmpfs data rw
"""
CONTAINER = """
50 1 8:1 /bundle/rootfs / rw - ext4 /dev/sda rw
51 50 0:70 / /proc rw - proc proc rw
52 50 0:6 / /sys rw - sysfs sysfs rw
53 52 0:30 / /sys/fs/cgroup ro - cgroup2 none rw
54 50 0:71 / /dev rw - tmpfs tmpfs rw
55 54 0:71 /null /proc/keys ro - tmpfs tmpfs rw
56 50 0:40 /some /volume rw - tmpfs data rw
57 50 8:1 /etc/hosts /etc/hosts rw - ext4 /dev/sda rw
58 50 8:1 /other /etc/hosts rw - ext4 /dev/sda rw
"""


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (False, ["/sys/fs/cgroup", "/volume", "/etc/hosts"]),
        (True, ["/volume", "/etc/hosts"]),
    ],
)
def test_what_is_the_hosts(own: bool, expected: list[str]) -> None:
    theirs, ours = parse_mounts(CONTAINER.strip()), parse_mounts(HOST.strip())
    assert external_points(theirs, ours, cgroup_namespace=own) == expected


def planned(bundle: Path, *mounts: Mount) -> RootfsPlan:
    (bundle / "rootfs").mkdir(parents=True, exist_ok=True)
    config = Config(
        oci_version="1.0.0",
        root=Root(path="rootfs"),
        mounts=mounts,
        linux=Linux(namespaces=(Namespace(type="mount"),)),
    )
    hierarchies = Hierarchies(mode="none")
    return plan_rootfs(config, bundle=str(bundle), hierarchies=hierarchies, cgroup_path=None)


def bind(destination: str, source: str) -> Mount:
    return Mount(destination=destination, source=source, options=("rbind",))


def test_sources_are_those_of_the_present_configuration(tmp_path: Path) -> None:
    plan = planned(tmp_path, bind("/volume", "/srv/v"), bind("/var/run/x", "/srv/x"))
    root = tmp_path / "rootfs"
    (root / "run").mkdir()
    (root / "var").mkdir()
    (root / "var/run").symlink_to("/run")
    (root / "run/x").touch()
    (root / "inside").mkdir()
    points = ["/volume", "/volume/sub", "/run/x", "/proc/keys", "/inside"]
    assert sources(points, plan, ["/proc/keys"]) == {
        "/volume": "/srv/v",
        "/volume/sub": "/srv/v/sub",
        "/run/x": "/srv/x",
        "/proc/keys": "/dev/null",
        "/inside": f"{root}/inside",
    }


def test_a_mount_that_the_configuration_has_not(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="`/gone`"):
        sources(["/gone"], planned(tmp_path), [])


def test_missing_mount_points_are_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    plan = planned(
        tmp_path,
        bind("/a/folder", str(tmp_path)),
        bind("/a/file", str(tmp_path / "file")),
        Mount(destination="/dev", type="tmpfs", source="tmpfs"),
        Mount(destination="/dev/shm", type="tmpfs", source="shm"),
    )
    root = tmp_path / "rootfs"
    descriptor = os.open(root, os.O_PATH)
    make_points(descriptor, plan)
    os.close(descriptor)
    assert (root / "a/folder").is_dir()
    assert (root / "a/file").is_file()
    assert (root / "dev").is_dir()
    assert not (root / "dev/shm").exists()


@pytest.mark.parametrize("point", ["/x]:/etc", "/a[b", "/a\nb"])
def test_cve_2026_119101_a_key_that_criu_would_read_as_another(point: str) -> None:
    with pytest.raises(InvalidArgument, match="mount point"):
        check_mount_key(point)
    options = Options(images=3, log_file="x", root="/r", external_mounts=((point, "/src"),))
    with pytest.raises(InvalidArgument, match="mount point"):
        encode_request(DUMP, options)


def test_an_unknown_group_mode() -> None:
    options = Options(images=3, log_file="x", root="/r", cgroup_mode="hard")
    with pytest.raises(InvalidArgument, match="manage-cgroups-mode"):
        encode_request(DUMP, options)
