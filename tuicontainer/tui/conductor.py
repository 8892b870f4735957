"""Carries out verbs on the engine: asks before loss, shows what is going on, tells what failed."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Protocol

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import Container, CreateOptions, Engine
from tuicontainer.errors import TuiContainerError, describe_failure
from tuicontainer.observe.processes import ProcessView
from tuicontainer.spec.limits import Limits
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.command_lines import (
    bundle_line,
    rename_line,
    signal_line,
    update_line,
    verb_line,
)
from tuicontainer.tui.limit_texts import in_force_words
from tuicontainer.tui.model import Model
from tuicontainer.tui.preferences import POLICIES
from tuicontainer.tui.quantities import plural
from tuicontainer.tui.spans import Line, printable
from tuicontainer.tui.undoing import Undoing
from tuicontainer.tui.verbs import possible

_DOING = {
    "start": "starting",
    "stop": "stopping",
    "restart": "restarting",
    "kill": "killing",
    "delete": "deleting",
    "pause": "pausing",
    "resume": "resuming",
}


class Stage(Protocol):
    """What the conductor needs of the screen."""

    def work(self, job: Coroutine[Any, Any, None]) -> None:
        """Run *job* beside everything else."""
        ...

    def ask(
        self,
        verb: str,
        views: Sequence[ContainerView],
        then: Callable[[], None],
        *,
        typed: bool = False,
    ) -> None:
        """Show what *verb* would do; call *then* if that is wanted, with *typed* by its name."""
        ...

    def ask_signal(self, whom: str, then: Callable[[str], None]) -> None:
        """Ask which signal to send to *whom*; call *then* with its name."""
        ...

    def ask_word(
        self, title: str, lines: Sequence[Line], word: str, then: Callable[[], None]
    ) -> None:
        """Say what will happen; call *then* once *word* was typed."""
        ...

    def report(self, title: str, text: str) -> None:
        """Say what came of something."""
        ...

    def tell(self, error: TuiContainerError) -> None:
        """Show a failure."""
        ...

    def changed(self, part: str) -> None:
        """The model is new."""
        ...

    def make_current(self, container_id: str) -> None:
        """Put the containers pane's cursor on a container that may not be listed yet."""
        ...


class Outcome:
    """What came of a command, told while it is carried out."""

    result = ""


class Conductor:
    """Does what keys ask for, one task a container."""

    def __init__(self, stage: Stage, model: Model, engine: Engine) -> None:
        self._stage = stage
        self._model = model
        self._engine = engine
        self._undoing = Undoing(engine, self._undoable_changed)

    async def close(self) -> None:
        """End what waits for a change of mind."""
        await self._undoing.close()

    def undo(self) -> None:
        """Bring back what was deleted last."""
        self._stage.work(self._undo())

    async def _undo(self) -> None:
        newest = self._undoing.ids[-1]
        async with self._noted(f"(undo) {newest}", f"bring back `{newest}`"):
            self._stage.make_current(await self._undoing.take_back())

    def _undoable_changed(self) -> None:
        self._model.undoable = self._undoing.ids
        self._stage.changed("containers")

    def start_bundle(
        self, bundle: BundleView, options: CreateOptions | None = None, *, start: bool = True
    ) -> None:
        """Make a container from *bundle* and start it at once."""
        self._stage.work(self._start_bundle(bundle, options, start=start))

    def act(self, verb: str, views: Sequence[ContainerView]) -> None:
        """Do *verb* to those of *views* whose state allows it, after asking where that is due."""
        chosen = possible(verb, views)
        if verb == "pause" and all(view.status == "paused" for view in chosen):
            verb = "resume"
        elif verb == "pause":
            chosen = [view for view in chosen if view.status == "running"]
        policy = self._policy(verb, views)
        if verb == "kill":
            self._kill(policy, views, chosen)
        elif policy == "never":
            self._each(verb, chosen)
        else:
            then = partial(self._each, verb, chosen)
            self._stage.ask(verb, views, then, typed=policy == "name")

    def _policy(self, verb: str, views: Sequence[ContainerView]) -> str:
        """Return what the person wants before *verb*: the stricter rule for several containers."""
        rules = self._model.preferences.confirm
        rank = POLICIES.index(rules[verb])
        return POLICIES[max(rank, POLICIES.index(rules["bulk"])) if len(views) > 1 else rank]

    def _kill(
        self, policy: str, views: Sequence[ContainerView], chosen: Sequence[ContainerView]
    ) -> None:
        if policy == "never":
            self._each("kill", chosen, "KILL")
            return

        def send(signal: str) -> None:
            then = partial(self._each, "kill", chosen, signal)
            if policy == "name":
                self._stage.ask("kill", views, then, typed=True)
            else:
                then()

        whom = chosen[0].id if len(chosen) == 1 else plural(len(chosen), "container")
        self._stage.ask_signal(whom, send)

    def rename(self, view: ContainerView, name: str) -> None:
        """Give a container another name and go to it."""
        self._stage.work(self._rename(view, name))

    async def _rename(self, view: ContainerView, name: str) -> None:
        command = rename_line(view.id, name, self._model.info)
        async with self._noted(command, f"rename `{view.id}`"):
            container = await self._engine.container(view.id)
            self._stage.make_current((await container.rename(name)).id)

    def update(self, view: ContainerView, limits: Limits) -> None:
        """Change a container's limits, and tell those that the kernel has then."""
        self._stage.work(self._update(view, limits))

    async def _update(self, view: ContainerView, limits: Limits) -> None:
        command = update_line(view.id, limits, self._model.info)
        async with self._noted(command, f"change the limits of `{view.id}`") as outcome:
            container = await self._engine.container(view.id)
            outcome.result = in_force_words(await container.update(limits))
            self._stage.report(f"Limits of {view.id}", outcome.result)
            self._stage.changed("kernel")

    def signal_process(self, view: ContainerView, process: ProcessView) -> None:
        """Ask for a signal, and by the policy of `kill` for the pid, and send it."""
        whom = f"process {process.pid} of {view.id}"

        def send(signal: str) -> None:
            self._stage.work(self._signal_process(view, process, signal))

        def chosen(signal: str) -> None:
            if self._model.preferences.confirm["kill"] != "name":
                send(signal)
                return
            lines = [((f" {signal} for {printable(' '.join(process.args))}", "text"),)]
            then = partial(send, signal)
            self._stage.ask_word(f"Signal {whom}?", lines, str(process.pid), then)

        self._stage.ask_signal(whom, chosen)

    async def _signal_process(self, view: ContainerView, process: ProcessView, signal: str) -> None:
        command = signal_line(view.id, process.pid, signal, self._model.info)
        async with self._noted(command, f"signal process {process.pid}"):
            container = await self._engine.container(view.id)
            await container.kill_process(process.pid, process.started_ns, signal)
            self._stage.changed("kernel")

    def _each(self, verb: str, views: Sequence[ContainerView], signal: str = "") -> None:
        for view in views:
            if view.id not in self._model.doing or verb in ("kill", "delete"):
                self._stage.work(self._one(verb, view, signal))

    async def _one(self, verb: str, view: ContainerView, signal: str) -> None:
        self._model.doing[view.id] = _DOING[verb]
        command = verb_line(verb, (view.id,), self._model.info, signal=signal)
        try:
            async with self._noted(command, f"{verb} `{view.id}`"):
                container = await self._engine.container(view.id)
                window = self._model.preferences.undo
                keep = verb == "delete" and view.status == "stopped" and window > 0
                await _call(container, verb, view, signal, keep=keep)
                if keep:
                    self._undoing.offer(view.id, window)
        finally:
            self._model.doing.pop(view.id, None)
            self._stage.changed("containers")

    async def _start_bundle(
        self, bundle: BundleView, options: CreateOptions | None, *, start: bool
    ) -> None:
        command = bundle_line(bundle, options, self._model.info, start=start)
        async with self._noted(command, f"start `{bundle.name}`"):
            container = await self._engine.create(bundle.path, options)
            self._stage.make_current(container.id)
            if start:
                await container.start()

    @contextlib.asynccontextmanager
    async def _noted(self, command: str, what: str) -> AsyncIterator[Outcome]:
        """Keep a record of *command*; tell its failure, which goes no further."""
        number = self._model.activity.begin(command)
        self._stage.changed("containers")
        self._stage.changed("activity")
        outcome = Outcome()
        failure = ""
        try:
            yield outcome
        except Exception as error:  # noqa: BLE001 - whatever broke, people get a toast
            told = _told(error, what)
            failure = told.message
            self._stage.tell(told)
        finally:
            self._model.activity.end(number, failure, outcome.result)
            self._stage.changed("activity")


async def _call(
    container: Container, verb: str, view: ContainerView, signal: str, *, keep: bool
) -> None:
    if verb == "kill":
        await container.kill(signal)
    elif verb == "delete":
        # A container that was created but never started has only a process of ours to end.
        await container.delete(force=view.status == "created", keep=keep)
    else:
        method: Callable[[], Awaitable[Any]] = getattr(container, verb)
        await method()


def _told(error: BaseException, what: str) -> TuiContainerError:
    """Return the failure; what broke outside the known kinds says what was attempted."""
    if isinstance(error, TuiContainerError):
        return error
    return describe_failure(error, while_=what)
