"""One rule of the linter, and what it finds."""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from tuicontainer.spec.config import Config, NamespaceType

    Severity = Literal["high", "medium", "low"]
    Places = Iterator[tuple[str, str]]
    """JSON paths in config.json, each with what is there in a few words."""

SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")
"""Worst first: a way to the host; a barrier less; what well kept bundles have besides."""
CIS = "CIS Docker Benchmark 1.2.0,"
"""Items are counted otherwise in other editions."""


class Rule(Record):
    """Something that a bundle's author should know before it runs."""

    id: str
    """Stable: scripts and people name it."""
    severity: Severity
    meaning: str
    """What can happen."""
    remedy: str
    """What to write instead."""
    source: str
    """Specification, manual page, benchmark item or CVE."""
    find: Callable[[Config], Places]


class Finding(Record):
    """One place where a rule applies."""

    rule: str
    """Id of a rule."""
    where: str
    """The JSON path of the field in config.json, there or missing."""
    found: str


def is_hosts(config: Config, type_: NamespaceType) -> bool:
    """Return whether the container shares this namespace with the host.

    A path of process 1 is the host's. Other paths may be a pod's, which nobody can tell from text.
    """
    namespace = config.linux.namespace(type_)
    return namespace is None or (namespace.path or "").startswith("/proc/1/")


def has_own_users(config: Config) -> bool:
    """Return whether privileges in the container are none on the host."""
    return not is_hosts(config, "user")
