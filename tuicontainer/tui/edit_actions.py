"""What is changed or compared by a dialog of its own: name, limits, one process, two containers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar

from tuicontainer.errors import FailedPrecondition, NotFound, TuiContainerError
from tuicontainer.tui.spans import printable

if TYPE_CHECKING:
    from tuicontainer.engine.api import Engine
    from tuicontainer.observe.container import KernelView
    from tuicontainer.observe.processes import ProcessView
    from tuicontainer.spec.limits import Limits
    from tuicontainer.supervise.views import ContainerView
    from tuicontainer.tui.comparing import Side
    from tuicontainer.tui.conductor import Conductor
    from tuicontainer.tui.screens.actions import ActingScreen

ACTIONS = {"rename": "rename", "limits": "update", "signal_process": "signal"}
"""Action to the verb whose states allow it."""

T = TypeVar("T")
Subject = tuple[str, str]
"""`container` or `bundle`, and its id or path."""


class EditActions:
    """The dialogs of one main screen."""

    def __init__(self, screen: ActingScreen) -> None:
        self._screen = screen
        self._first: Subject | None = None
        """What the next thing is compared with."""
        self._asking = 0

    @property
    def quiet(self) -> bool:
        """Whether nothing that a dialog needs is still on its way."""
        return self._asking == 0

    async def _asked(self, answer: Awaitable[T]) -> T | None:
        """Return what the engine answers; None once its failure has been told."""
        self._asking += 1
        try:
            return await answer
        except TuiContainerError as error:
            self._screen.stage.tell(error)
            return None
        finally:
            self._asking -= 1

    @property
    def _target(self) -> ContainerView:
        return self._screen.targets[0]

    def rename(self) -> None:
        """Ask for another name."""
        from tuicontainer.tui.screens.rename import RenameForm

        conductor, view, model = self._screen.conductor, self._target, self._screen.model
        if conductor is None:
            return

        def then(name: str | None) -> None:
            if name is not None:
                conductor.rename(view, name)

        self._screen.app.push_screen(RenameForm(view.id, model.containers or {}, model.info), then)

    def limits(self) -> None:
        """Ask for other limits."""
        from tuicontainer.tui.screens.limits import LimitsForm

        conductor, view, model = self._screen.conductor, self._target, self._screen.model
        if conductor is None:
            return

        def then(limits: Limits | None) -> None:
            if limits is not None:
                conductor.update(view, limits)

        form = LimitsForm(view.id, model.stats(view.id), model.info)
        self._screen.app.push_screen(form, then)

    def signal_process(self) -> None:
        """Ask which process gets a signal, and which."""
        engine, conductor = self._screen.painter.engine, self._screen.conductor
        if engine is not None and conductor is not None:
            self._screen.stage.work(self._signal_process(engine, conductor, self._target))

    async def _signal_process(
        self, engine: Engine, conductor: Conductor, view: ContainerView
    ) -> None:
        from tuicontainer.tui.screens.processes import ProcessDialog

        seen = await self._asked(_kernel(engine, view.id))
        if seen is None:
            return

        def then(process: ProcessView | None) -> None:
            if process is not None:
                conductor.signal_process(view, process)

        self._screen.app.push_screen(ProcessDialog(view.id, seen), then)

    def compare(self) -> None:
        """Compare the two marked containers; else what is chosen with what was chosen before."""
        engine = self._screen.painter.engine
        if engine is None:
            return
        marked = self._screen.targets
        if len(marked) == 2:
            one, other = (("container", view.id) for view in marked)
        else:
            other = self._subject()
            if self._first is None or self._first == other or self._first[0] != other[0]:
                self._first = other
                self._screen.stage.report(
                    "Compare", f"{_name(other)} with the next one that it is asked for"
                )
                return
            one = self._first
        self._first = None
        self._screen.stage.work(self._compare(engine, one, other))

    def _subject(self) -> Subject:
        # The lists are asked, because the subject follows the cursor only when its message comes.
        bundle, targets = self._screen.current_bundle, self._screen.targets
        if bundle is not None and (self._screen.panes.current == "bundles" or not targets):
            return "bundle", bundle.path
        return ("container", targets[0].id) if targets else self._screen.filler.subject

    async def _compare(self, engine: Engine, one: Subject, other: Subject) -> None:
        from tuicontainer.tui.comparing import comparison_lines
        from tuicontainer.tui.screens.compare import CompareScreen

        sides = await self._asked(_sides(engine, one, other))
        if sides is not None:
            title = f"{_name(one)} and {_name(other)}"
            self._screen.app.push_screen(CompareScreen(title, comparison_lines(*sides)))


async def _sides(engine: Engine, one: Subject, other: Subject) -> tuple[Side, Side]:
    from tuicontainer.tui.comparing import Side

    if one[0] == "bundle":
        configs = await asyncio.gather(*(engine.bundle_config(path) for _, path in (one, other)))
        first, second = (
            Side(name=path, parts={"config.json": config})
            for (_, path), config in zip((one, other), configs, strict=True)
        )
        return first, second
    seen = [await _kernel_if_any(engine, container_id) for _, container_id in (one, other)]
    return (
        await _container_side(engine, one[1], seen[0], seen[1]),
        await _container_side(engine, other[1], seen[1], seen[0]),
    )


async def _kernel(engine: Engine, container_id: str) -> KernelView:
    return await (await engine.container(container_id)).kernel()


async def _kernel_if_any(engine: Engine, container_id: str) -> KernelView | None:
    try:
        return await _kernel(engine, container_id)
    except FailedPrecondition:
        # It has no process; its configuration can be compared all the same.
        return None


async def _container_side(
    engine: Engine, container_id: str, seen: KernelView | None, other: KernelView | None
) -> Side:
    from tuicontainer.tui.comparing import Side, kernel_facts

    container = await engine.container(container_id)
    config = (await container.inspect()).get("config")
    if config is None:
        raise NotFound(f"container `{container_id}` has no record of its configuration")
    parts = {"config.json": config}
    if seen is not None:
        parts["kernel"] = kernel_facts(seen, await container.groups(), other)
    return Side(name=container_id, parts=parts)


def _name(subject: Subject) -> str:
    kind, key = subject
    return printable(key if kind == "container" else key.rstrip("/").rpartition("/")[2])
