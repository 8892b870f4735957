"""The container's class of service in the resctrl file system: shares of caches and of bandwidth.

    /sys/fs/resctrl/                     the default class; `tasks` holds who is in it
        schemata                         one resource a line: `L3:0=ff;1=f`, `MB:0=50;1=100`
        CLASS/tasks schemata             one more class
        CLASS/mon_groups/NAME/tasks      whose use of the class is counted by itself
        info/last_cmd_status             why the last write failed

What a class may have is limited in hardware, so classes are shared: one that exists already is
joined, but never changed, and only what was made here is taken away again. Children are born into
the class of their parent.
Sources: config-linux.md#intelrdt; the kernel's Documentation/filesystems/resctrl.rst.
"""

from __future__ import annotations

import os
from errno import EINVAL, ENOSPC

from tuicontainer.errors import (
    FailedPrecondition,
    InvalidArgument,
    Unsupported,
    describe_failure,
)
from tuicontainer.record import Record
from tuicontainer.runtime.rootfs.mountinfo import read_mounts
from tuicontainer.spec.intel_rdt import DEFAULT_CLASS, RESERVED_NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self

    from tuicontainer.errors import TuiContainerError
    from tuicontainer.spec.intel_rdt import IntelRdt

_TYPE = "resctrl"
_CACHES = ("L3", "L3CODE")
_BANDWIDTH = ("MB",)


def find_resctrl() -> str:
    """Return where the resctrl file system is mounted.

    Raises:
        Unsupported: nowhere.
    """
    for mount in read_mounts():
        if mount.type == _TYPE:
            return mount.point
    raise Unsupported(
        "`linux.intelRdt` needs the resctrl file system, which isn't mounted",
        hint="on a processor that can do it: mount -t resctrl resctrl /sys/fs/resctrl",
    )


class ResctrlFiles:
    """The file system's calls, in one place, as its folders fill and empty by themselves."""

    def make(self, folder: str) -> bool:
        """Make a class or a monitoring group; return False if it was there."""
        try:
            os.mkdir(folder, 0o755)
        except FileExistsError:
            return False
        return True

    def remove(self, folder: str) -> None:
        """Take a class or a monitoring group away; its members go back to where they came from."""
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            return

    def read(self, path: str) -> str:
        with open(path, encoding="utf-8") as file:
            return file.read()

    def write(self, path: str, text: str) -> None:
        """Write in one call, as each is one command."""
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(fd, text.encode())
        finally:
            os.close(fd)


class ResctrlGroup(Record):
    """The class of service that a container is in."""

    root: str
    """Where resctrl is mounted."""
    folder: str
    made: bool
    """Whether the class was made for this container."""
    monitor: str | None = None
    """Folder of the container's own monitoring group."""

    def to_state(self) -> Mapping[str, Any]:
        """Return the JSON object that `from_state` takes."""
        return dict(self.items())

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild the group that `to_state` described."""
        return cls(**state)

    def add(self, pid: int, files: ResctrlFiles | None = None) -> None:
        """Put a process of one thread, and by that all its children, into the class.

        Raises:
            TuiContainerError: the kernel refused.
        """
        files = files or ResctrlFiles()
        for folder in (self.folder, self.monitor):
            if folder is not None:
                _write(files, self.root, os.path.join(folder, "tasks"), str(pid))

    def change(self, lines: Sequence[str], files: ResctrlFiles | None = None) -> list[str]:
        """Give the class other shares, all of them or on failure none; return all it had.

        Raises:
            FailedPrecondition: others may be in the class too.
            TuiContainerError: the kernel refused.
        """
        files = files or ResctrlFiles()
        if not self.made:
            raise FailedPrecondition(
                f"the class of service `{os.path.basename(self.folder)}` isn't the container's own",
                hint=f"change `{self.folder}/schemata`, for all who are in it",
            )
        path = os.path.join(self.folder, "schemata")
        before = [line.strip() for line in files.read(path).splitlines()]
        _write(files, self.root, path, "\n".join(lines) + "\n")
        return before

    def remove(self, files: ResctrlFiles | None = None) -> None:
        """Take away what was made for the container; harmless if it is gone.

        Raises:
            OSError: the kernel refused.
        """
        files = files or ResctrlFiles()
        if self.monitor is not None:
            files.remove(self.monitor)
        if self.made:
            files.remove(self.folder)


def make_group(
    rdt: IntelRdt, container_id: str, root: str, files: ResctrlFiles | None = None
) -> ResctrlGroup:
    """Make or find the class of service that a configuration asks for.

    Args:
        rdt: what it asks for.
        container_id: names the class where the configuration doesn't, and the monitoring group.
        root: where resctrl is mounted.
        files: the file system's calls.

    Raises:
        InvalidArgument: the kernel knows no such share, or a name is taken by the file system.
        FailedPrecondition: the class exists with other shares, or doesn't exist and has none.
        Unsupported: this processor can't do what is asked for.
    """
    files = files or ResctrlFiles()
    _check_support(rdt, root)
    name = container_id if rdt.clos_id is None else rdt.clos_id
    if name in RESERVED_NAMES or (rdt.enable_monitoring and container_id in RESERVED_NAMES):
        raise InvalidArgument(f"`{name}` can't name a class of service: resctrl has a folder of it")
    folder = root if name == DEFAULT_CLASS else os.path.join(root, name)
    if rdt.clos_id is not None and not rdt.lines and not os.path.isdir(folder):
        raise FailedPrecondition(
            f"the class of service `{name}` doesn't exist",
            hint="make it, or say in `linux.intelRdt.schemata` what it may use",
        )
    try:
        group = ResctrlGroup(root=root, folder=folder, made=folder != root and files.make(folder))
    except OSError as error:
        raise _explained(files, root, error, f"making the class of service `{name}`") from error
    try:
        _settle(rdt, group, files)
        if rdt.enable_monitoring:
            group = group.replace(monitor=_make_monitor(group, container_id, files))
    except BaseException:
        group.remove(files)
        raise
    return group


def mismatches(wanted: Sequence[str], present: str) -> list[str]:
    """Return the shares among *wanted* that the text of a `schemata` file doesn't have.

    Args:
        wanted: lines such as `L3:0=f;1=0f`; a domain that a line doesn't name may be anything.
        present: the text.
    """
    found = _parse(present.splitlines())
    return [
        f"{resource}:{domain}={value}"
        for (resource, domain), value in _parse(wanted).items()
        if found.get((resource, domain)) != value
    ]


def _parse(lines: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return shares by resource and domain; numbers without what doesn't count."""
    shares = {}
    for line in lines:
        resource, _, domains = line.strip().partition(":")
        for domain in filter(None, domains.split(";")):
            number, _, value = domain.partition("=")
            share = value.strip().lower().lstrip("0") or "0"
            shares[resource.strip(), number.strip().lstrip("0") or "0"] = share
    return shares


def _check_support(rdt: IntelRdt, root: str) -> None:
    for field, value, names in (
        ("l3CacheSchema", rdt.l3_cache_schema, _CACHES),
        ("memBwSchema", rdt.mem_bw_schema, _BANDWIDTH),
    ):
        if value is not None and not any(
            os.path.isdir(os.path.join(root, "info", name)) for name in names
        ):
            raise Unsupported(
                f"`linux.intelRdt.{field}` is `{value}`, but this host can't divide that",
                hint="see which resources `info` in the resctrl file system has",
            )


def _settle(rdt: IntelRdt, group: ResctrlGroup, files: ResctrlFiles) -> None:
    """Give a new class its shares, and compare those of one that was there."""
    if not rdt.lines:
        return
    path = os.path.join(group.folder, "schemata")
    if group.made:
        _write(files, group.root, path, "\n".join(rdt.lines) + "\n")
        return
    differing = mismatches(rdt.lines, files.read(path))
    if differing:
        raise FailedPrecondition(
            f"the class of service `{os.path.basename(group.folder)}` exists with other shares "
            f"than {', '.join(f'`{share}`' for share in differing)}",
            hint="name another class in `linux.intelRdt.closID`, or leave the shares out",
        )


def _make_monitor(group: ResctrlGroup, name: str, files: ResctrlFiles) -> str:
    groups = os.path.join(group.folder, "mon_groups")
    if not os.path.isdir(groups):
        raise Unsupported("`linux.intelRdt.enableMonitoring`: this host can't monitor")
    folder = os.path.join(groups, name)
    try:
        if not files.make(folder):
            raise FailedPrecondition(f"a monitoring group `{name}` exists already")
    except OSError as error:
        while_ = f"making the monitoring group `{name}`"
        raise _explained(files, group.root, error, while_) from error
    return folder


def _write(files: ResctrlFiles, root: str, path: str, text: str) -> None:
    try:
        files.write(path, text)
    except OSError as error:
        while_ = f"writing `{text.strip()}` to `{path}`"
        raise _explained(files, root, error, while_) from error


def _explained(files: ResctrlFiles, root: str, error: OSError, while_: str) -> TuiContainerError:
    """Return the failure with the kernel's own words for it."""
    failure = describe_failure(error, while_=while_)
    try:
        said = files.read(os.path.join(root, "info", "last_cmd_status")).strip()
    except OSError:
        said = ""
    message = f"{failure.message}: {said}" if said and said != "ok" else failure.message
    if error.errno == EINVAL:
        return InvalidArgument(message, errno=EINVAL)
    if error.errno == ENOSPC:
        failure.hint = "the processor has no class of service left: share one by its `closID`"
    return type(failure)(message, hint=failure.hint, errno=error.errno)
