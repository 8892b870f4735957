"""What we ask of systemd's manager: start, change, stop and forget a unit.

Source: org.freedesktop.systemd1(5).
"""

from __future__ import annotations

import os

from tuicontainer.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    TuiContainerError,
    Unsupported,
)
from tuicontainer.runtime.cgroups.systemd.dbus.addresses import manager_addresses
from tuicontainer.runtime.cgroups.systemd.dbus.connection import CallRefused, connect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Any, Self

    from tuicontainer.runtime.cgroups.systemd.dbus.wire import Variant

BOOTED = "/run/systemd/system"
"""There if systemd is the host's init (sd_booted(3))."""
SERVICE = "org.freedesktop.systemd1"
OBJECT = "/org/freedesktop/systemd1"
MANAGER = f"{SERVICE}.Manager"
JOB_SECONDS = 30.0
JOB_RULE = f"type='signal',sender='{SERVICE}',interface='{MANAGER}',member='JobRemoved'"

_KINDS: dict[str, type[TuiContainerError]] = {
    f"{SERVICE}.NoSuchUnit": NotFound,
    f"{SERVICE}.UnitExists": AlreadyExists,
    "org.freedesktop.DBus.Error.AccessDenied": PermissionDenied,
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired": PermissionDenied,
    "org.freedesktop.DBus.Error.InvalidArgs": InvalidArgument,
    "org.freedesktop.DBus.Error.PropertyReadOnly": InvalidArgument,
    "org.freedesktop.DBus.Error.UnixProcessIdUnknown": NotFound,
}


def require_systemd() -> None:
    """Check that systemd is the host's init.

    Raises:
        Unsupported: it isn't.
    """
    if not os.path.isdir(BOOTED):
        raise Unsupported(
            "systemd isn't running on this host, so it can't make control groups",
            hint="leave out `--systemd-cgroup`, or say `--cgroup-manager=cgroupfs`",
        )


class Manager:
    """A conversation with the system's or the user's manager; use it in a `with` statement.

    Every method raises Unavailable when no answer comes in time.
    """

    def __init__(self, *, user: bool) -> None:
        """Connect.

        Raises:
            Unsupported: systemd isn't running.
            Unavailable: it can't be reached.
        """
        require_systemd()
        self._connection = connect(manager_addresses(os.environ, user=user))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def version(self) -> int:
        """Return systemd's version, such as 252."""
        digits = ""
        for letter in self._property("Version").lstrip("v"):
            if not letter.isdigit():
                break
            digits += letter
        return int(digits or "0")

    def control_group(self) -> str:
        """Return the manager's own group, below which all of its units are."""
        return self._property("ControlGroup")

    def start(self, unit: str, properties: Mapping[str, Variant]) -> None:
        """Make a transient unit and return when it runs.

        Raises:
            AlreadyExists: a unit of this name is there and hasn't failed.
            InvalidArgument: systemd refuses a property.
            FailedPrecondition: it can't start the unit.
        """
        self._connection.listen(JOB_RULE)
        doing = f"starting unit `{unit}`"
        arguments: tuple[Any, ...] = (unit, "replace", list(properties.items()), [])
        try:
            self._run_job("StartTransientUnit", "ssa(sv)a(sa(sv))", arguments, doing)
        except AlreadyExists:
            # One that has failed stays, to be looked at; nobody looks at a container's.
            self.forget(unit)
            self._run_job("StartTransientUnit", "ssa(sv)a(sa(sv))", arguments, doing)

    def attach(self, unit: str, subgroup: str, pid: int) -> None:
        """Move a process into a delegated unit that runs.

        Args:
            unit: which.
            subgroup: the group inside the unit's, such as `/engine`; it must be there.
            pid: the process.

        Raises:
            NotFound: no such unit, or it has ended.
            InvalidArgument: the unit isn't delegated, or is about to end.
        """
        self._call(
            "AttachProcessesToUnit",
            "ssau",
            (unit, subgroup, [pid]),
            f"moving process `{pid}` into unit `{unit}`",
        )

    def change(self, unit: str, properties: Mapping[str, Variant]) -> None:
        """Set properties of a running unit, until the next boot.

        Raises:
            NotFound: no such unit.
            InvalidArgument: systemd refuses a property.
        """
        self._call(
            "SetUnitProperties",
            "sba(sv)",
            (unit, True, list(properties.items())),
            f"changing unit `{unit}`",
        )
        # systemd answers first and writes then, before it looks at the next message: without this
        # it would overwrite what the caller writes now.
        self._call("Ping", "", (), "waiting for systemd", interface="org.freedesktop.DBus.Peer")

    def stop(self, unit: str) -> None:
        """Stop a unit and forget that it failed; one that isn't there is no error."""
        self._connection.listen(JOB_RULE)
        try:
            self._run_job("StopUnit", "ss", (unit, "replace"), f"stopping unit `{unit}`")
        except NotFound:
            return
        self.forget(unit)

    def forget(self, unit: str) -> None:
        """Let systemd forget a unit that has failed; one that isn't there is no error."""
        try:
            self._call("ResetFailedUnit", "s", (unit,), f"resetting unit `{unit}`")
        except NotFound:
            return

    def _property(self, name: str) -> str:
        (value,) = self._call(
            "Get",
            "ss",
            (MANAGER, name),
            f"reading systemd's {name}",
            interface="org.freedesktop.DBus.Properties",
        )
        return str(value.value)

    def _run_job(self, member: str, signature: str, body: Sequence[Any], doing: str) -> None:
        (job,) = self._call(member, signature, body, doing)
        ended = self._connection.wait_for_signal(
            "JobRemoved", lambda body: body[1:2] == (job,), seconds=JOB_SECONDS
        )
        if ended[3] != "done":
            self.forget(ended[2])
            raise FailedPrecondition(
                f"{doing}: systemd says `{ended[3]}`",
                hint=f"`journalctl -u {ended[2]}` may tell why",
            )

    def _call(
        self, member: str, signature: str, body: Sequence[Any], doing: str, interface: str = MANAGER
    ) -> tuple[Any, ...]:
        try:
            return self._connection.call(
                member,
                destination=SERVICE,
                path=OBJECT,
                interface=interface,
                signature=signature,
                body=body,
            )
        except CallRefused as error:
            kind = _KINDS.get(error.name, FailedPrecondition)
            raise kind(f"{doing}: {error.message}") from error
