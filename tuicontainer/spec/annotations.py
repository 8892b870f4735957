"""What annotations `run.oci.*` ask for: crun's extensions of the specification.

Those that the specification has a field for by now are that field; the field wins where both are
given. Those that would change what keeps the container in, and that this runtime can't do, are
refused; all others are its own business, or nobody's. Imported only where a bundle has one.
Source: crun.1, "Extensions to OCI".
"""

from __future__ import annotations

from tuicontainer.errors import Unsupported
from tuicontainer.spec.fields import refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tuicontainer.spec.config import Config

PREFIX = "run.oci."
KEEP_GROUPS = f"{PREFIX}keep_original_groups"
FAIL_UNKNOWN_CALLS = f"{PREFIX}seccomp_fail_unknown_syscall"
_RECEIVER = f"{PREFIX}seccomp.receiver"
_OFFSETS = f"{PREFIX}timens_offset"
_REFUSED = {
    f"{PREFIX}handler": "programs run as processes of this kernel, by no other handler",
    f"{PREFIX}seccomp.plugins": "listeners are other programs, reached by a socket",
    f"{PREFIX}seccomp_bpf_data": "filters are compiled from `linux.seccomp`",
}
_CLOCKS = {"monotonic": "monotonic", "1": "monotonic", "boottime": "boottime", "7": "boottime"}
"""Both spellings that /proc/PID/timens_offsets takes (time_namespaces(7))."""


def with_annotated_fields(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the fields that its annotations stand for; it isn't changed itself.

    Raises:
        InvalidArgument: an annotation's value can't be understood.
        Unsupported: an annotation asks for what this runtime doesn't have.
    """
    annotations = document["annotations"]
    for name, reason in _REFUSED.items():
        if name in annotations:
            raise Unsupported(f"annotation `{name}`: {reason}", hint="remove the annotation")
    linux = document.get("linux")
    if not isinstance(linux, dict):
        return document
    added: dict[str, Any] = {}
    seccomp = linux.get("seccomp")
    receiver = annotations.get(_RECEIVER)
    if receiver and isinstance(seccomp, dict) and _lacks_receiver(seccomp):
        added["seccomp"] = {**seccomp, "listenerPath": receiver}
    if _OFFSETS in annotations and not linux.get("timeOffsets"):
        added["timeOffsets"] = _time_offsets(annotations[_OFFSETS])
    return {**document, "linux": {**linux, **added}} if added else document


def with_annotated_records(config: Config) -> Config:
    """Return the configuration with what has no field of its own in the specification."""
    annotations, process, seccomp = config.annotations, config.process, config.linux.seccomp
    if process is not None and is_set(annotations, KEEP_GROUPS):
        process = process.replace(user=process.user.replace(keep_groups=True))
    if seccomp is not None and is_set(annotations, FAIL_UNKNOWN_CALLS):
        seccomp = seccomp.replace(known_calls_only=True)
    return config.replace(process=process, linux=config.linux.replace(seccomp=seccomp))


def is_set(annotations: Mapping[str, str], name: str) -> bool:
    """Return whether a switch among the annotations is on, as crun reads it: it is there."""
    return annotations.get(name) not in (None, "0")


def _lacks_receiver(seccomp: Mapping[str, Any]) -> bool:
    if seccomp.get("listenerPath"):
        return False
    rules = seccomp.get("syscalls")
    actions = [rule.get("action") for rule in rules or () if isinstance(rule, dict)]
    return "SCMP_ACT_NOTIFY" in (seccomp.get("defaultAction"), *actions)


def _time_offsets(text: object) -> dict[str, dict[str, int]]:
    """Read lines as /proc/PID/timens_offsets has them: clock, seconds, nanoseconds."""
    offsets = {}
    for line in str(text).splitlines():
        clock, seconds, nanoseconds, *more = [*line.split(), "", "", ""]
        digits = (seconds.removeprefix("-"), nanoseconds)
        if clock not in _CLOCKS or any(more) or not all(map(_is_number, digits)):
            raise refuse(f"annotations.{_OFFSETS}", text, "must be CLOCK SECONDS NANOSECONDS")
        offsets[_CLOCKS[clock]] = {"secs": int(seconds), "nanosecs": int(nanoseconds)}
    return offsets


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20
