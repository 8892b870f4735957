"""Writes what an engine's streams say, one JSON object a line.

    {"recording": 1}                                     first line: the version of this format
    {"t": ns, "info": {…}}                               each line: when, and one thing
    {"t": ns, "bundles": […]}          {"t": ns, "config": {"path": …, "document": {…}}}
    {"t": ns, "containers": […]}       {"t": ns, "state": {"id": …, "document": {…}}}
    {"t": ns, "tick": {…}}             {"t": ns, "inspect": {"id": …, "document": {…}}}
    {"t": ns, "event": {…}}            {"t": ns, "log": {"id": …, "line": {…}}}
    {"t": ns, "kernel": {"id": …, "view": {…}}}
    {"t": ns, "groups": {"id": …, "views": […]}}
    {"t": ns, "drift": {"id": …, "views": […]}}
    {"t": ns, "moment": "name"}                          a place to go to when it is played

Times are nanoseconds since the epoch. `engine.recording_reader` reads it.

A recording may be sent to somebody, so it holds less than `inspect` shows: of environment variables
only the names, in a bundle's configuration and in a container's. Logs are recorded only where that
is asked for. Programs' arguments and annotations are as `ps` shows them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol

from tuicontainer.engine.api import Engine
from tuicontainer.engine.codec import encode
from tuicontainer.errors import (
    FailedPrecondition,
    NotFound,
    TuiContainerError,
    describe_failure,
)
from tuicontainer.supervise.views import ContainerView

VERSION = 1


HIDDEN = "…"
"""In place of a value that isn't recorded."""
_RETRY_SECONDS = 2.0


class Output(Protocol):
    """Where the text goes: a file, a `RecordingWriter`."""

    def write(self, text: str, /) -> object: ...


class Recorder:
    """Records an engine while its context is open.

    async with Recorder(engine, file) as recorder:
        …
        recorder.mark("everything runs")

    Attributes:
        failure: why nothing is written any more, a full disk for example; None while all is well.
        failed: set when there is a failure.
    """

    def __init__(
        self,
        engine: Engine,
        output: Output,
        *,
        logs: bool = True,
        hide_environment: bool = False,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Prepare to record.

        Args:
            engine: what is recorded.
            output: takes whole lines.
            logs: whether what containers write is recorded.
            hide_environment: whether only the names of environment variables are.
            now_ns: the clock, nanoseconds since the epoch.
        """
        self.failure: TuiContainerError | None = None
        self.failed = asyncio.Event()
        self._engine = engine
        self._output = output
        self._logs = logs
        self._hide_environment = hide_environment
        self._now_ns = now_ns
        self._tasks: set[asyncio.Task[None]] = set()
        self._followed: set[str] = set()
        self._seen: dict[str, ContainerView] = {}

    async def __aenter__(self) -> Recorder:
        self._put(json.dumps({"recording": VERSION}) + "\n")
        self._write("info", await self._engine.info())
        for stream in (self._bundles, self._containers, self._ticks, self._events):
            self._spawn(self._keep(stream))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look_at_kernel(self) -> None:
        """Record what the kernel says of every container with a process now."""
        for view in await self._engine.containers():
            if not view.pid:
                continue
            try:
                container = await self._engine.container(view.id)
                kernel, groups = await container.kernel(), await container.groups()
                drift = await container.drift()
            except (NotFound, FailedPrecondition):
                # It ended between the list and the question.
                continue
            self._write("kernel", {"id": view.id, "view": kernel})
            self._write("groups", {"id": view.id, "views": tuple(groups)})
            self._write("drift", {"id": view.id, "views": tuple(drift)})

    def mark(self, moment: str) -> None:
        """Name the present moment."""
        self._write("moment", moment)

    def _write(self, kind: str, value: object) -> None:
        line = {"t": self._now_ns(), kind: encode(value)}
        self._put(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")

    def _put(self, text: str) -> None:
        if self.failure is not None:
            return
        try:
            self._output.write(text)
        except (OSError, TuiContainerError) as error:
            self.failure = describe_failure(error, while_="recording")
            self.failed.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, stream: Callable[[], Awaitable[None]]) -> None:
        """Record a stream; one that breaks is opened again, as whoever watches does."""
        while True:
            try:
                return await stream()
            except TuiContainerError:
                await asyncio.sleep(_RETRY_SECONDS)

    async def _bundles(self) -> None:
        async for bundles in self._engine.watch_bundles():
            self._write("bundles", tuple(bundles))
            for bundle in bundles:
                if not bundle.problem:
                    try:
                        document = await self._engine.bundle_config(bundle.path)
                    except TuiContainerError:
                        # Changed since the list was made; the next list says how.
                        continue
                    shown = self._shown(document)
                    self._write("config", {"path": bundle.path, "document": shown})

    def _shown(self, config: Any) -> Any:
        return without_environment(config) if self._hide_environment else config

    async def _containers(self) -> None:
        async for views in self._engine.watch_containers():
            self._write("containers", tuple(views))
            await self._documents(views)
            for view in views:
                if self._logs and view.id not in self._followed:
                    self._followed.add(view.id)
                    self._spawn(self._log(view.id))

    async def _documents(self, views: Sequence[ContainerView]) -> None:
        for view in views:
            if self._seen.get(view.id) == view:
                continue
            self._seen[view.id] = view
            try:
                container = await self._engine.container(view.id)
                self._write("state", {"id": view.id, "document": await container.state()})
                document = dict(await container.inspect())
                if "config" in document:
                    document["config"] = self._shown(document["config"])
                if not self._logs and "last_lines" in document:
                    document["last_lines"] = None
                if not self._logs and "timeline" in document:
                    document["timeline"] = without_output(document["timeline"])
                self._write("inspect", {"id": view.id, "document": document})
            except NotFound:
                # Gone between the list and the question.
                continue

    async def _log(self, container_id: str) -> None:
        try:
            container = await self._engine.container(container_id)
            async for line in container.logs(follow=True):
                self._write("log", {"id": container_id, "line": line})
        except NotFound:
            # Deleted: another of this id is followed anew.
            self._followed.discard(container_id)

    async def _ticks(self) -> None:
        async for tick in self._engine.stats():
            self._write("tick", tick)

    async def _events(self) -> None:
        async for event in self._engine.events():
            self._write("event", event)


def without_environment(config: Any) -> Any:
    """Return a config.json with the names of environment variables, and none of their values.

    Those are the process's and the hooks' (config.md#process, config.md#posix-platform-hooks).
    """
    if not isinstance(config, Mapping):
        return config
    shown = dict(config)
    if "process" in shown:
        shown["process"] = _names_only(shown["process"])
    hooks = shown.get("hooks")
    if isinstance(hooks, Mapping):
        shown["hooks"] = {
            kind: [_names_only(hook) for hook in entries] if isinstance(entries, list) else entries
            for kind, entries in hooks.items()
        }
    return shown


def without_output(timeline: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a timeline of `inspect` without what hooks wrote, in errors neither."""
    return [
        {
            **operation,
            "error": operation["error"].partition(", stdout: ")[0],
            "hooks": [{**hook, "stderr": ""} for hook in operation["hooks"]],
        }
        for operation in timeline
    ]


def _names_only(program: Any) -> Any:
    if not isinstance(program, Mapping) or not isinstance(program.get("env"), list):
        return program
    names = [str(variable).partition("=")[0] for variable in program["env"]]
    return {**program, "env": [f"{name}={HIDDEN}" for name in names]}
