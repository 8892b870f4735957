"""Where systemd can be spoken to, in the order to try. Pure.

As root: the system bus, then systemd's own socket, which works before the bus is up and without it.
As a user: the user's bus, then the same of the user's manager. Other transports than Unix sockets
(`tcp:`, `unixexec:`) lead to other machines' managers or run programs, so they are passed over.
Sources: D-Bus Specification, "Server Addresses"; systemd(1), /run/systemd/private;
sd_bus_default(3).
"""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket"
PRIVATE_SOCKET = "/run/systemd/private"


class Address(Record):
    """A listening Unix socket."""

    path: str
    """As socket(7) takes it; an abstract one begins with a NUL."""
    direct: bool
    """systemd itself is at the other end, not a bus with many names."""


def manager_addresses(environment: Mapping[str, str], *, user: bool) -> list[Address]:
    """Return the sockets behind which the system's or the user's manager is.

    Args:
        environment: where the `DBUS_…_ADDRESS` variables and XDG_RUNTIME_DIR are looked up.
        user: the user's manager instead of the system's.
    """
    runtime_dir = environment.get("XDG_RUNTIME_DIR", "")
    if not user:
        bus = environment.get("DBUS_SYSTEM_BUS_ADDRESS") or SYSTEM_BUS
        private = PRIVATE_SOCKET
    else:
        bus = environment.get("DBUS_SESSION_BUS_ADDRESS", "")
        if not bus and runtime_dir:
            bus = f"unix:path={runtime_dir}/bus"
        private = f"{runtime_dir}/systemd/private" if runtime_dir else ""
    addresses = [Address(path=path, direct=False) for path in parse_addresses(bus)]
    if private:
        addresses.append(Address(path=private, direct=True))
    return addresses


def parse_addresses(text: str) -> list[str]:
    """Return the Unix sockets of a list such as `unix:path=/run/bus,guid=…;unix:abstract=…`."""
    paths = []
    for entry in text.split(";"):
        transport, _, pairs = entry.partition(":")
        if transport != "unix":
            continue
        values = dict(pair.partition("=")[::2] for pair in pairs.split(","))
        if "path" in values:
            paths.append(_unescape(values["path"]))
        elif "abstract" in values:
            paths.append("\0" + _unescape(values["abstract"]))
    return paths


def _unescape(text: str) -> str:
    """Undo `%2c`: all but letters, digits and some punctuation may be written so."""
    head, *rest = text.split("%")
    return head + "".join(chr(int(part[:2], 16)) + part[2:] for part in rest)
