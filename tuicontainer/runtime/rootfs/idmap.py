"""Id-mapped mounts: the owners of a bind mount's files are others than on its file system.

The map is that of a user namespace, the container's own or one made for the mount. Only who has
CAP_SYS_ADMIN in the file system's user namespace may attach it, which the init of a container with
a user namespace hasn't; so the runtime opens these mounts and hands them to the init.
Sources: config.md#mounts (`idmap`, `ridmap`, `uidMappings`), mount_setattr(2) "ID-mapped mounts",
crun.1 "idmap mount options".
"""

from __future__ import annotations

import os
from errno import EINVAL, EPERM

from tuicontainer.errors import FailedPrecondition, InvalidArgument, SyscallError, Unsupported
from tuicontainer.record import Record
from tuicontainer.runtime.rootfs.mounts import MountBind
from tuicontainer.spec.config import IdMapping
from tuicontainer.syscalls import mount as kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuicontainer.runtime.rootfs.options import MountOptions
    from tuicontainer.spec.config import Linux, Mount

_IDS = 2**32 - 1


class MountMapping(Record):
    """Which ids of the file system appear as which ids of the host."""

    uids: tuple[IdMapping, ...] = ()
    """Empty, and so the groups, for what the container's user namespace maps."""
    gids: tuple[IdMapping, ...] = ()
    recursive: bool = False
    """The mounts below the source are mapped too."""

    @property
    def is_the_containers(self) -> bool:
        """Whether the map is that of the container's user namespace."""
        return not self.uids


class MountMapped(MountBind):
    """Show a folder or file of the host with other owners."""

    mapping: MountMapping = MountMapping()

    def describe(self) -> str:
        mapping = self.mapping
        which = "as the container's user namespace does"
        if not mapping.is_the_containers:
            which = f"users {_words(mapping.uids)} and groups {_words(mapping.gids)}"
        return f"{super().describe()}, mapping {which}"

    def hold_mapped(self, user_namespace: int, host_propagation: int) -> int:
        """Return a mount, without a place yet, with the map of this user namespace.

        Args:
            user_namespace: its descriptor.
            host_propagation: MS_… that the namespace's copies of the host's mounts got.

        Raises:
            OSError, TuiContainerError: the source isn't there, or can't be mapped.
        """
        held = self.hold()
        try:
            if host_propagation != kernel.MS_SHARED:
                # It is a copy from the runtime's mount namespace, which was not made a slave.
                kernel.mount_setattr(held, propagation=host_propagation, recursive=True)
            kernel.mount_setattr(
                held,
                set_=kernel.MOUNT_ATTR_IDMAP,
                user_namespace=user_namespace,
                recursive=self.mapping.recursive,
            )
        except SyscallError as error:
            os.close(held)
            raise _explained(error, self.source) from None
        return held


def plan_mapping(mount: Mount, options: MountOptions, linux: Linux) -> MountMapping:
    """Return how the owners of a mount that asks for it are to be mapped.

    Raises:
        InvalidArgument: nothing says how, or more than one thing does.
    """
    word = options.mapping
    name, _, text = (word or "idmap").partition("=")
    recursive = name == "ridmap"
    uids, gids = mount.uid_mappings, mount.gid_mappings
    if text:
        if uids:
            raise InvalidArgument(f"option `{word}` and `uidMappings` both say how to map ids")
        uids, gids = _parse(text, linux)
    if not uids and linux.namespace("user") is None:
        raise InvalidArgument(
            f"option `{name}` needs `uidMappings` and `gidMappings`",
            hint="or a user namespace of the container, whose mapping is then used",
        )
    return MountMapping(uids=uids, gids=gids, recursive=recursive)


def _parse(text: str, linux: Linux) -> tuple[tuple[IdMapping, ...], tuple[IdMapping, ...]]:
    """Return users and groups of `uids=0-1-10#10-11-10;gids=0-100-10`.

    What isn't given is mapped as the container's user namespace does.
    """
    own = {"uids": linux.uid_mappings, "gids": linux.gid_mappings}
    parsed: dict[str, tuple[IdMapping, ...]] = {}
    for part in text.split(";"):
        name, _, ranges = part.partition("=")
        if name not in own or name in parsed:
            raise InvalidArgument(
                f"`idmap={text}` has `{part}`: must be `uids=…` and `gids=…`, each once"
            )
        parsed[name] = tuple(_range(each, own[name]) for each in ranges.split("#"))
    for name, mappings in own.items():
        if name not in parsed and not mappings:
            raise InvalidArgument(
                f"`idmap={text}` has no `{name}`, nor has the container a mapping"
            )
    return parsed.get("uids", own["uids"]), parsed.get("gids", own["gids"])


def _range(text: str, own: Sequence[IdMapping]) -> IdMapping:
    """Return the mapping that `0-100-10` describes; with `@` the second id is the container's."""
    relative = text.startswith("@")
    numbers = text.removeprefix("@").split("-")
    if len(numbers) != 3 or not all(_is_id(number) for number in numbers):
        raise InvalidArgument(
            f"`{text}` is no range of ids: must be FILE-SYSTEM-ID-HOST-ID-SIZE, such as `0-1000-10`"
        )
    inside, outside, size = (int(number) for number in numbers)
    if not size or max(inside, outside) + size > _IDS:
        raise InvalidArgument(f"`{text}` is no range of ids: it is empty, or passes the last id")
    if relative:
        outside = _on_the_host(text, outside, size, own)
    return IdMapping(container_id=inside, host_id=outside, size=size)


def _on_the_host(text: str, first: int, size: int, own: Sequence[IdMapping]) -> int:
    for each in own:
        start = first - each.container_id
        if start >= 0 and start + size <= each.size:
            return each.host_id + start
    raise InvalidArgument(
        f"`{text}` isn't within one range that the container's user namespace maps"
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 11


def _words(mappings: Sequence[IdMapping]) -> str:
    return ", ".join(f"{each.container_id}+{each.size} to {each.host_id}" for each in mappings)


def _explained(error: SyscallError, source: str) -> Exception:
    if error.errno == EINVAL:
        return Unsupported(
            f"the file system of `{source}`, or one mounted below it, can't be id-mapped",
            hint="with `idmap`, unlike `ridmap`, only the source's own file system is mapped",
            errno=EINVAL,
        )
    if error.errno == EPERM:
        return FailedPrecondition(
            f"`{source}` can't be id-mapped",
            hint="it is id-mapped already, or its file system isn't this user namespace's",
            errno=EPERM,
        )
    return error
