"""The mounts of this mount namespace, from /proc/self/mountinfo.

Source: proc_pid_mountinfo(5).
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class MountInfo(Record):
    """One mount."""

    mount_id: int
    parent_id: int
    root: str
    """Which part of the file system is mounted."""
    point: str
    """Where, from the root of the reading process."""
    options: tuple[str, ...]
    propagation: tuple[str, ...]
    """Such as `shared:5`, `master:7`, `unbindable`; empty if private."""
    type: str
    source: str
    super_options: tuple[str, ...]
    device: str = ""
    """Number of the file system, `MAJOR:MINOR`."""

    @property
    def shared(self) -> bool:
        """Whether mounts below it reach other mounts."""
        return any(field.startswith("shared:") for field in self.propagation)


def read_mounts() -> list[MountInfo]:
    """Return all mounts that this process can reach.

    Raises:
        OSError: /proc isn't mounted.
    """
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        return parse_mounts(file.read())


def parse_mounts(text: str) -> list[MountInfo]:
    """Return the mounts that the text of a mountinfo file lists, in its order."""
    mounts = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        mount_id, parent_id, device, root, point, options, *propagation = before.split(" ")
        type_, source, super_options = after.split(" ")
        mounts.append(
            MountInfo(
                mount_id=int(mount_id),
                parent_id=int(parent_id),
                root=_unescape(root),
                point=_unescape(point),
                options=tuple(options.split(",")),
                propagation=tuple(propagation),
                type=type_,
                source=_unescape(source),
                super_options=tuple(super_options.split(",")),
                device=device,
            )
        )
    return mounts


def find_mount(mounts: Sequence[MountInfo], mount_id: int) -> MountInfo | None:
    """Return the mount with this number."""
    for mount in mounts:
        if mount.mount_id == mount_id:
            return mount
    return None


def _unescape(text: str) -> str:
    """Undo the kernel's octal escapes of blank, tab, newline and backslash."""
    head, *rest = text.split("\\")
    return head + "".join(chr(int(part[:3], 8)) + part[3:] for part in rest)
