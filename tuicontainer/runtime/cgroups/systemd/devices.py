"""The device rules as properties of a unit. Pure.

systemd attaches a filter of its own to the group, and attaches it anew whenever it reloads its
units; both filters must then allow an access. What systemd is told is therefore exactly what our
own filter allows, or, where its list can't express the rules (it only adds to nothing), no list at
all: then ours alone decides. A list that is merely close would take devices away at some later
`systemctl daemon-reload`.
Sources: systemd.resource-control(5), DevicePolicy=, DeviceAllow=; systemd src/core/bpf-devices.c.
"""

from __future__ import annotations

from tuicontainer.errors import Unsupported
from tuicontainer.runtime.cgroups.device_rules import effective_rules, v1_commands
from tuicontainer.runtime.cgroups.systemd.dbus.wire import Variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.spec.config import DeviceRule

    Properties = dict[str, Variant]

NODES = {"c": "/dev/char", "b": "/dev/block"}
GROUPS = {"c": "char", "b": "block"}


def device_properties(rules: Iterable[DeviceRule]) -> Properties:
    """Return `DevicePolicy` and `DeviceAllow` for the configuration's rules."""
    allowed = _allowed(rules)
    return {
        "DevicePolicy": Variant(signature="s", value="auto" if allowed is None else "strict"),
        "DeviceAllow": Variant(signature="a(ss)", value=allowed or []),
    }


def _allowed(rules: Iterable[DeviceRule]) -> list[tuple[str, str]] | None:
    """Return pairs of device and accesses; None where such a list can't say what is meant."""
    try:
        # The kernel's v1 controller knows the same: nothing, and a list of what is allowed.
        (first, _), *exceptions = v1_commands(effective_rules(rules))
    except Unsupported:
        return None
    if first != "devices.deny":
        return None
    pairs = []
    for _, line in exceptions:
        kind, number, access = line.split(" ")
        major, _, minor = number.partition(":")
        if major == "*" and minor != "*":
            return None
        if minor == "*":
            # A group of devices is named by its driver or, since systemd 240, by its number.
            pairs.append((f"{GROUPS[kind]}-{major}", access))
        else:
            # systemd reads the number out of such a path; the node needn't exist.
            pairs.append((f"{NODES[kind]}/{number}", access))
    return pairs
