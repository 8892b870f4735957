"""What a configuration asks for and this host or runtime hasn't got. Pure: the host is described.

Source: features.md and features-linux.md, which is the description.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from tuicontainer.spec.config import Config


def lacking(
    config: Config, features: Mapping[str, Any], controllers: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield the JSON path of each field that won't work here, and why.

    Args:
        config: what is asked.
        features: the runtime's features document.
        controllers: the control group controllers that can be used.
    """
    linux = features["linux"]
    for index, namespace in enumerate(config.linux.namespaces):
        if namespace.type not in linux["namespaces"]:
            yield f"linux.namespaces[{index}]", f"this kernel has no {namespace.type} namespaces"
    yield from _capabilities(config, linux["capabilities"])
    yield from _filter(config, linux["seccomp"])
    yield from _limits(config, controllers)


def _capabilities(config: Config, granted: Sequence[str]) -> Iterator[tuple[str, str]]:
    process = config.process
    if process is None or process.capabilities is None:
        return
    for name, held in process.capabilities.items():
        missing = [each for each in held if each not in granted]
        if missing:
            yield f"process.capabilities.{name}", f"this host can't grant {', '.join(missing)}"


def _filter(config: Config, known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    seccomp = config.linux.seccomp
    if seccomp is None:
        return
    if seccomp.default_action not in known["actions"]:
        yield "linux.seccomp.defaultAction", f"this kernel doesn't know {seccomp.default_action}"
    for index, rule in enumerate(seccomp.rules):
        if rule.action not in known["actions"]:
            where = f"linux.seccomp.syscalls[{index}].action"
            yield where, f"this kernel doesn't know {rule.action}"
    missing = [flag for flag in seccomp.flags or () if flag not in known["supportedFlags"]]
    if missing:
        yield "linux.seccomp.flags", f"this kernel doesn't know {', '.join(missing)}"


def _limits(config: Config, controllers: Sequence[str]) -> Iterator[tuple[str, str]]:
    resources = config.linux.resources
    for name, needs, asked in (
        ("memory", ("memory",), resources.memory),
        ("cpu", ("cpu", "cpuset"), resources.cpu),
        ("pids", ("pids",), resources.pids),
        ("blockIO", ("io", "blkio"), resources.block_io),
        ("hugepageLimits", ("hugetlb",), resources.hugepage_limits),
        ("rdma", ("rdma",), resources.rdma),
    ):
        if asked and not set(needs) & set(controllers):
            yield f"linux.resources.{name}", f"no control group controller {needs[0]} can be used"
