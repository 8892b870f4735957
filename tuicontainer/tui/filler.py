"""Fills the details: follows the log, fetches documents, and only for the tab in front."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import Engine
from tuicontainer.errors import TuiContainerError, describe_failure
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.kernel.layout import paragraph
from tuicontainer.tui.kernel.tabs import KERNEL_TABS, WITHOUT_PROCESS, Make, kernel_tab
from tuicontainer.tui.log_reading import LogReading
from tuicontainer.tui.model import Model
from tuicontainer.tui.spans import Line, printable, wrapped
from tuicontainer.tui.widgets.details import Details

_KERNEL = frozenset(name for name, _ in KERNEL_TABS)
_EVERY = {"processes": 1, "security": 3}
"""By tab of the kernel, after how many ticks it is asked again; else after 5."""


class DetailsFiller:
    """Keeps the tab in front of `Details` true to its subject."""

    def __init__(self, details: Details, model: Model) -> None:
        self._details = details
        self._model = model
        self._engine: Engine | None = None
        self._subject: tuple[str, str] = ("nothing", "")
        self._task: asyncio.Task[None] | None = None
        self._shown: object = None
        """What the front tab shows now, so that it isn't made twice."""
        self._waiting = False
        self._ticks = 0
        self._merged: tuple[str, ...] = ()
        """Containers whose logs are shown together, instead of the subject's."""
        self.reading = LogReading(details.logs)

    def connect(self, engine: Engine) -> None:
        """Use *engine* from now on."""
        self._engine = engine
        self.reading.connect(engine)
        self.turn()

    @property
    def subject(self) -> tuple[str, str]:
        """Kind (`container`, `bundle` or `nothing`) and id or path of what is shown."""
        return self._subject

    @property
    def quiet(self) -> bool:
        """Whether nothing that was asked for is still on its way."""
        return not self._waiting and self.reading.quiet

    @property
    def merged(self) -> tuple[str, ...]:
        """The containers whose logs are shown together; empty for the subject's own."""
        return self._merged

    def merge(self, container_ids: tuple[str, ...]) -> None:
        """Show the logs of several containers together, until another subject is chosen."""
        self._merged = container_ids
        self._details.choose("logs")
        self._details.name_subject(" ".join(container_ids) or printable(self._subject[1]))
        self.turn()

    def show(self, kind: str, key: str) -> None:
        """Show another subject."""
        if (kind, key) == self._subject:
            return
        self._subject = (kind, key)
        self._merged = ()
        name = key if kind == "container" else os.path.basename(key)
        self._details.show_subject(kind, printable(name))
        self.turn()

    def turn(self) -> None:
        """Begin anew for the tab that is in front now."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._waiting = False
        self._shown = None
        self.reading.stop()
        if self._details.tab == "logs":
            self.reading.follow(self._merged or (self._subject[1],))
        self.refresh()

    def refresh(self) -> None:
        """Bring the tab in front up to date with the model."""
        kind, key = self._subject
        if kind == "container":
            self._refresh_container(self._details.tab, self._model.container(key))
        elif kind == "bundle":
            self._refresh_bundle(self._details.tab, self._model.bundle(key))
        else:
            self._details.sized.show_made(lambda width, height: _nothing(self._model, width))  # noqa: ARG005

    def tick(self) -> None:
        """A second has passed: what lives on the screen is asked for again."""
        view = self._model.container(self._subject[1])
        if self._details.tab in _KERNEL and view is not None and view.pid:
            self._ticks += 1
            # What changes seldom is looked at seldom.
            if self._ticks % _EVERY.get(self._details.tab, 5) == 0 and not self._waiting:
                self._look_at_kernel(self._details.tab)
        if self._details.tab == "history" and self._engine is not None:
            from tuicontainer.tui.history import history_lines

            samples = self._engine.stats_history(self._subject[1])
            view = self._model.container(self._subject[1])
            ended = None if view is None or view.status != "stopped" else view.exit
            self._details.sized.show_made(partial(history_lines, samples, ended=ended))

    def look_again(self) -> None:
        """Something was changed on purpose: a tab of the kernel in front is asked for at once."""
        view = self._model.container(self._subject[1])
        if self._details.tab in _KERNEL and view is not None and view.pid:
            self._look_at_kernel(self._details.tab)

    def _look_at_kernel(self, tab: str) -> None:
        if self._engine is not None:
            make = partial(kernel_tab, tab, self._subject[1], self._engine, self._model)
            self._start(self._show_kernel(make))

    async def _show_kernel(self, get: Callable[[], Awaitable[Make]]) -> None:
        try:
            make = await get()
        except Exception as error:  # noqa: BLE001 - said in the pane, where it is looked for
            lines = _failure(describe_failure(error, while_="asking the kernel"))
            self._details.sized.show_made(lambda width, height: lines)  # noqa: ARG005
        else:
            self._details.sized.show_made(make)
        self._waiting = False

    def _refresh_container(self, tab: str, view: ContainerView | None) -> None:
        if tab == "history":
            self.tick()
        elif tab in _KERNEL and view is not None and view != self._shown:
            self._shown = view
            if view.pid or tab in WITHOUT_PROCESS:
                self._look_at_kernel(tab)
            else:
                self._details.sized.show_made(lambda width, height: _no_process(view, width))  # noqa: ARG005
        elif tab in ("state", "inspect") and view is not None and view != self._shown:
            self._shown = view
            self._start(self._fetch(partial(self._container_document, view.id, tab)))

    def _refresh_bundle(self, tab: str, bundle: BundleView | None) -> None:
        if bundle is None or bundle == self._shown:
            return
        self._shown = bundle
        if tab == "about":
            from tuicontainer.tui.documents import bundle_lines

            self._details.sized.show_made(lambda width, height: bundle_lines(bundle, width))  # noqa: ARG005
        elif tab == "config":
            self._start(self._fetch(partial(self._bundle_config, bundle.path)))
        elif tab == "lint":
            self._start(self._show_risks(bundle))

    async def _show_risks(self, bundle: BundleView) -> None:
        from tuicontainer.tui.lint_lines import lint_lines

        assert self._engine is not None
        try:
            make = partial(lint_lines, await self._engine.bundle_work.lint(bundle.path))
        except Exception as error:  # noqa: BLE001 - said in the pane, where it is looked for
            lines = _failure(describe_failure(error, while_="looking for risks"))
            self._details.sized.show_made(lambda width, height: lines)  # noqa: ARG005
        else:
            self._details.sized.show_made(lambda width, height: make(width))  # noqa: ARG005
        self._waiting = False

    async def _container_document(self, container_id: str, tab: str) -> Mapping[str, Any]:
        assert self._engine is not None
        container = await self._engine.container(container_id)
        return await (container.state() if tab == "state" else container.inspect())

    async def _bundle_config(self, path: str) -> Mapping[str, Any]:
        assert self._engine is not None
        return await self._engine.bundle_config(path)

    def _start(self, work: Any) -> None:
        if self._engine is None:
            work.close()
            return
        if self._task is not None:
            self._task.cancel()
        self._waiting = True
        self._task = asyncio.get_running_loop().create_task(work)

    async def _fetch(self, get: Callable[[], Awaitable[Mapping[str, Any]]]) -> None:
        from tuicontainer.tui.documents import json_lines

        try:
            lines = json_lines(await get())
        except Exception as error:  # noqa: BLE001 - said in the pane, where it is looked for
            lines = _failure(describe_failure(error, while_="reading"))
        self._details.document.show(lines)
        self._waiting = False


def _failure(error: TuiContainerError) -> list[Line]:
    return [(), ((f" {error.message}", "bad"),), ((f" {error.hint}", "dim"),)]


def _no_process(view: ContainerView, width: int) -> list[Line]:
    text = f"{view.id} is {view.status}: it has no process that the kernel could tell of"
    what_next = "s starts it; the tab Timeline shows how it was"
    return [(), *paragraph(text, width, "text"), *paragraph(what_next, width)]


def _nothing(model: Model, width: int) -> list[Line]:
    """Return what to do when there is nothing to show details of."""
    if model.bundles is None:
        return []
    text = "Choose a bundle (1) or a container (2) to see its details here."
    return [(), *[((f" {line}", "dim"),) for line in wrapped(text, width - 2)]]
