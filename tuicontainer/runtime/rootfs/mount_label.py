"""`linux.mountLabel`: the SELinux context that the container's new file systems show.

It is data of the file system, `context="…"`, where that has no labels of its own, and a label of
its root folder for mqueue, which takes no such data. Those of the kernel's own keep what the policy
says; so do bind mounts, which show files that are labelled already.
Sources: config-linux.md#mount-label; mount(8) "context="; runc libcontainer/rootfs_linux.go; crun.1
"run.oci.mount_context_type".
"""

from __future__ import annotations

import os

from tuicontainer.errors import InvalidArgument, describe_failure
from tuicontainer.runtime.rootfs.mounts import MountFilesystem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.runtime.rootfs.operations import Operation
    from tuicontainer.runtime.rootfs.tree import Tree
    from tuicontainer.spec.config import Config

_KIND = "run.oci.mount_context_type"
_KINDS = ("context", "fscontext", "defcontext", "rootcontext")
_OF_THE_KERNEL = ("cgroup", "cgroup2", "proc", "sysfs")
_ATTRIBUTE = "security.selinux"


class MountLabelled(MountFilesystem):
    """Mount a new file system whose root folder gets a label."""

    label: str

    def describe(self) -> str:
        return f"{super().describe()}, labelled `{self.label}`"

    def fill(self, tree: Tree, mount: int) -> None:
        """Set the label.

        Raises:
            TuiContainerError: the kernel refused it.
        """
        super().fill(tree, mount)
        try:
            root = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=mount)
            try:
                os.setxattr(root, _ATTRIBUTE, self.label.encode() + b"\0")
            finally:
                os.close(root)
        except OSError as error:
            raise describe_failure(error, while_="setting the label") from error


def label_mounts(build: Sequence[Operation], config: Config) -> list[Operation]:
    """Return the steps with the mount label of the configuration in them.

    Raises:
        InvalidArgument: the annotation names no kind of context.
    """
    label = config.linux.mount_label
    if label is None:
        return list(build)
    kind = config.annotations.get(_KIND, "context")
    if kind not in _KINDS:
        raise InvalidArgument(
            f"annotation `{_KIND}` is `{kind}`: must be one of {', '.join(_KINDS)}"
        )
    return [
        _labelled(step, kind, label) if isinstance(step, MountFilesystem) else step
        for step in build
    ]


def _labelled(step: MountFilesystem, kind: str, label: str) -> MountFilesystem:
    given = any(word.partition("=")[0] in _KINDS for word in step.options.data)
    if given or step.type in _OF_THE_KERNEL:
        return step
    if step.type == "mqueue":
        return MountLabelled(**dict(step.items()), label=label)
    data = (*step.options.data, f"{kind}={label}")
    return step.replace(options=step.options.replace(data=data))
