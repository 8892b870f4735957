"""Asks the engine for what a tab shows, and returns what makes its lines for a size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tuicontainer.engine.api import Container, Engine
from tuicontainer.errors import FailedPrecondition, NotFound
from tuicontainer.tui.spans import Line

if TYPE_CHECKING:
    from tuicontainer.observe.container import KernelView
    from tuicontainer.supervise.timelines import Operation
    from tuicontainer.tui.model import Model

Make = Callable[[int, int], list[Line]]

KERNEL_TABS = (
    ("processes", "Processes"),
    ("mounts", "Mounts"),
    ("security", "Security"),
    ("groups", "Cgroup"),
    ("namespaces", "Namespaces"),
    ("timeline", "Timeline"),
    ("drift", "Drift"),
    ("last", "Last moments"),
)
WITHOUT_PROCESS = ("groups", "namespaces", "timeline", "last")
"""Those that have something to show of a container without a process too."""
_MOST_MAPPED = 64
"""Containers on the namespace map: looking at one costs the kernel a millisecond or two."""


async def kernel_tab(tab: str, container_id: str, engine: Engine, model: Model) -> Make:
    """Return what makes the lines of one of `KERNEL_TABS`.

    Raises:
        TuiContainerError: the engine doesn't know, such as of a container without a process.
    """
    if tab in ("namespaces", "timeline"):
        gather = _namespaces if tab == "namespaces" else _timeline
        return await gather(container_id, engine, model)
    container = await engine.container(container_id)
    if tab == "groups":
        from tuicontainer.tui.kernel.groups import group_lines

        groups = await container.groups()
        limits = _hint("U", "changes the limits")
        return lambda width, height: [limits, (), *group_lines(groups, width)]  # noqa: ARG005
    if tab == "last":
        from tuicontainer.tui.kernel.last import last_moment_lines

        return _for_width(last_moment_lines, await container.view(), await container.inspect())
    if tab == "drift":
        from tuicontainer.tui.kernel.drift import drift_lines

        return _for_width(drift_lines, await container.drift())
    seen = await container.kernel()
    if tab == "processes":
        from tuicontainer.tui.kernel.processes import process_lines

        signals = _hint("ctrl+x", "signals one of them")
        return lambda width, height: [*process_lines(seen, width), (), signals]  # noqa: ARG005
    from tuicontainer.tui.kernel.mounts import mount_lines
    from tuicontainer.tui.kernel.security import security_lines

    lines = mount_lines if tab == "mounts" else security_lines
    return _for_width(lines, seen, await _config(container))


def _for_width(lines: Callable[..., list[Line]], *shown: object) -> Make:
    return lambda width, height: lines(*shown, width)  # noqa: ARG005 - any height scrolls


def _hint(key: str, text: str) -> Line:
    return ((key, "key"), (f" {text}", "dim"))


async def _config(container: Container) -> Mapping[str, Any]:
    config = (await container.inspect()).get("config")
    return config if isinstance(config, Mapping) else {}


async def _namespaces(container_id: str, engine: Engine, model: Model) -> Make:
    from tuicontainer.tui.kernel.namespaces import namespace_lines

    running = [view.id for view in (model.containers or {}).values() if view.pid]
    others = [name for name in running if name != container_id]
    seen: dict[str, KernelView] = {}
    for name in [container_id, *others][:_MOST_MAPPED]:
        try:
            seen[name] = await (await engine.container(name)).kernel()
        except (FailedPrecondition, NotFound):
            # It has no process, or has none any more.
            continue
    return _for_width(namespace_lines, container_id, seen)


async def _timeline(container_id: str, engine: Engine, model: Model) -> Make:
    from tuicontainer.tui.kernel.steps import step_lines
    from tuicontainer.tui.kernel.timeline import timeline_lines

    events = [
        event async for event in engine.events(since=0, follow=False) if event.id == container_id
    ]
    # An id may have been used before: the life that counts began after the last delete.
    gone = [place for place, event in enumerate(events) if event.type == "deleted"]
    if gone and gone[-1] + 1 < len(events) and events[gone[-1] + 1].type != "restored":
        events = events[gone[-1] + 1 :]
    operations = await _operations(container_id, engine)
    now_ns = model.now_ns()
    return lambda width, height: [  # noqa: ARG005 - any height scrolls
        *timeline_lines(events, now_ns, width),
        *step_lines(operations, width),
    ]


async def _operations(container_id: str, engine: Engine) -> Sequence[Operation]:
    try:
        return await (await engine.container(container_id)).timeline()
    except NotFound:
        # Just deleted, or being made: the journal is all there is.
        return ()
