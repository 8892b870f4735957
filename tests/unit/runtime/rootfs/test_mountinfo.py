"""The text of /proc/PID/mountinfo."""

from __future__ import annotations

from tuicontainer.runtime.rootfs.mountinfo import MountInfo, find_mount, parse_mounts

TEXT = r"""27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
36 27 0:5 /a\040b /mnt/a\011\134c ro,nosuid shared:1 master:2 - tmpfs none\040x rw,size=4k
40 36 0:6 / /x rw unbindable - fuse.sshfs  rw
"""


def test_lines_become_records() -> None:
    assert parse_mounts(TEXT)[1] == MountInfo(
        mount_id=36,
        parent_id=27,
        root="/a b",
        point="/mnt/a\t\\c",
        options=("ro", "nosuid"),
        propagation=("shared:1", "master:2"),
        type="tmpfs",
        source="none x",
        super_options=("rw", "size=4k"),
        device="0:5",
    )


def test_propagation_and_an_empty_source() -> None:
    private, shared, unbindable = parse_mounts(TEXT)
    assert [private.shared, shared.shared, unbindable.shared] == [False, True, False]
    assert private.propagation == ()
    assert unbindable.source == ""


def test_finding_by_number() -> None:
    mounts = parse_mounts(TEXT)
    assert find_mount(mounts, 40) is mounts[2]
    assert find_mount(mounts, 41) is None
