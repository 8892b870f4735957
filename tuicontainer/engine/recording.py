"""Writes what an engine's streams say to a file, one JSON object a line.

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

Times are nanoseconds since the epoch. `engine.replay` reads it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TextIO

from tuicontainer.engine.api import Engine
from tuicontainer.engine.codec import encode
from tuicontainer.errors import FailedPrecondition, NotFound
from tuicontainer.supervise.views import ContainerView

VERSION = 1


class Recorder:
    """Records an engine while its context is open.

    async with Recorder(engine, file) as recorder:
        …
        recorder.mark("everything runs")
    """

    def __init__(
        self, engine: Engine, file: TextIO, *, now_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._engine = engine
        self._file = file
        self._now_ns = now_ns
        self._tasks: set[asyncio.Task[None]] = set()
        self._followed: set[str] = set()
        self._seen: dict[str, ContainerView] = {}

    async def __aenter__(self) -> Recorder:
        self._file.write(json.dumps({"recording": VERSION}) + "\n")
        self._write("info", await self._engine.info())
        for stream in (self._bundles, self._containers, self._ticks, self._events):
            self._spawn(stream())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._file.flush()

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
        self._file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

    async def _bundles(self) -> None:
        async for bundles in self._engine.watch_bundles():
            self._write("bundles", tuple(bundles))
            for bundle in bundles:
                if not bundle.problem:
                    document = await self._engine.bundle_config(bundle.path)
                    self._write("config", {"path": bundle.path, "document": document})

    async def _containers(self) -> None:
        async for views in self._engine.watch_containers():
            self._write("containers", tuple(views))
            await self._documents(views)
            for view in views:
                if view.id not in self._followed:
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
                self._write("inspect", {"id": view.id, "document": await container.inspect()})
            except NotFound:
                # Gone between the list and the question.
                continue

    async def _log(self, container_id: str) -> None:
        container = await self._engine.container(container_id)
        async for line in container.logs(follow=True):
            self._write("log", {"id": container_id, "line": line})

    async def _ticks(self) -> None:
        async for tick in self._engine.stats():
            self._write("tick", tick)

    async def _events(self) -> None:
        async for event in self._engine.events():
            self._write("event", event)
