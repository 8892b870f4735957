"""A handle on one container of the embedded engine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tuicontainer.engine.api import ExecResult
from tuicontainer.engine.programs import run_program
from tuicontainer.errors import FailedPrecondition, NotFound, Unavailable
from tuicontainer.observe.container import KernelView, observe_container
from tuicontainer.observe.drift import Drift, find_drift
from tuicontainer.observe.groups import GroupView, observe_groups
from tuicontainer.observe.processes import process_identity
from tuicontainer.runtime.cgroups.open import cgroup_from_state
from tuicontainer.runtime.processes import processes
from tuicontainer.runtime.state import state
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.limits import Limits
from tuicontainer.supervise.client import Client
from tuicontainer.supervise.inventory import find_container, inspect_container
from tuicontainer.supervise.logs import LogFollower, read_log
from tuicontainer.supervise.requests import ExecRequest
from tuicontainer.supervise.timelines import Operation, operations_in
from tuicontainer.supervise.views import ContainerView, LogLine

if TYPE_CHECKING:
    from tuicontainer.engine.embedded import EmbeddedEngine
    from tuicontainer.engine.terminals import AttachedTerminal, ExecTerminal

LOG_POLL_INTERVAL = 0.15
"""Seconds between looks for new lines."""


class EmbeddedContainer:
    """Names a container; asks and acts anew at each call."""

    def __init__(self, engine: EmbeddedEngine, container_id: str) -> None:
        self._engine = engine
        self._id = container_id

    @property
    def id(self) -> str:
        """The container's id."""
        return self._id

    async def view(self) -> ContainerView:
        """Return the container as it is now.

        Raises:
            NotFound: it was deleted.
        """
        view = await asyncio.to_thread(find_container, self._engine.locations, self._id)
        self._check_is_ours(view.id)
        return view

    async def state(self) -> Mapping[str, Any]:
        """Return the OCI state document."""
        return (await self.view()).state_document()

    async def inspect(self) -> Mapping[str, Any]:
        """Return record, state, config and our additions as one JSON document."""
        document = await asyncio.to_thread(inspect_container, self._engine.locations, self._id)
        self._check_is_ours(document["id"])
        return document

    async def timeline(self) -> Sequence[Operation]:
        """Return what was done to the present instance, oldest first."""
        return operations_in(await self.inspect())

    async def kernel(self) -> KernelView:
        """Return what the kernel says of its processes now."""
        pid = (await self.view()).pid
        try:
            return await asyncio.to_thread(
                _observe, self._engine.locations.state_root, self._id, pid
            )
        except ProcessLookupError as error:
            raise FailedPrecondition(f"container `{self._id}` has no process") from error

    async def groups(self) -> Sequence[GroupView]:
        """Return its control groups with their limits; those of what has ended hold no process."""
        return await asyncio.to_thread(_groups, self._engine.locations.state_root, self._id)

    async def drift(self) -> Sequence[Drift]:
        """Return where what the kernel has differs from the configuration.

        Raises:
            NotFound: it is gone.
            FailedPrecondition: it has no process, or isn't ours and has no record.
        """
        seen = await self.kernel()
        config = (await self.inspect()).get("config")
        if config is None:
            raise FailedPrecondition(f"container `{self._id}` has no record of its configuration")
        return await asyncio.to_thread(
            _drift, self._engine.locations.state_root, self._id, config, seen
        )

    async def start(self) -> None:
        """Start it, or the next instance of a stopped one."""
        self._engine.check_may_change("start")
        await self._engine.client.start(self._id)

    async def stop(self, timeout: float | None = None) -> None:
        """Send the stop signal, wait *timeout* seconds (None: its own), then kill everything."""
        self._engine.check_may_change("stop")
        await self._engine.client.stop(self._id, timeout)

    async def restart(self, timeout: float | None = None) -> None:
        """Stop it if it runs, then start its next instance."""
        self._engine.check_may_change("restart")
        await self._engine.client.restart(self._id, timeout)

    async def kill(self, signal: str | int = "KILL") -> None:
        """Send its first process a signal."""
        self._engine.check_may_change("kill")
        # Its event is written to disk before the call returns, so it goes to a thread.
        await asyncio.to_thread(Client(self._engine.locations).kill, self._id, signal)

    async def kill_process(self, pid: int, started_ns: int, signal: str | int) -> None:
        """Send a signal to one of its processes, as `kernel` showed it."""
        self._engine.check_may_change("kill")
        # Its event is written to disk before the call returns, so it goes to a thread.
        await asyncio.to_thread(
            Client(self._engine.locations).kill_process,
            self._id,
            process_identity(pid, started_ns),
            signal,
        )

    async def pause(self) -> None:
        """Freeze all its processes."""
        self._engine.check_may_change("pause")
        await self._engine.client.pause(self._id)

    async def resume(self) -> None:
        """Let its processes go on."""
        self._engine.check_may_change("resume")
        await self._engine.client.resume(self._id)

    async def update(self, limits: Limits) -> Mapping[str, Any] | None:
        """Change its limits; return those that the kernel shows then."""
        self._engine.check_may_change("update")
        return await self._engine.client.update(self._id, limits)

    async def rename(self, container_id: str) -> EmbeddedContainer:
        """Give it another id and return the handle for that.

        Raises:
            FailedPrecondition: it has a process.
            AlreadyExists: the id is taken.
        """
        self._engine.check_may_change("rename")
        view = await self._engine.client.rename(self._id, container_id)
        return EmbeddedContainer(self._engine, view.id)

    async def delete(self, *, force: bool = False, keep: bool = False) -> None:
        """Remove it, its record and its log; a running one only with *force*.

        With *keep* record and log wait until the engine's `restore` or `forget`.
        """
        self._engine.check_may_change("delete")
        await self._engine.client.delete(self._id, force=force, keep=keep)

    async def wait(self) -> int:
        """Return the exit status of the present instance once it has ended.

        Raises:
            Unavailable: it ended and nobody was left to see how.
        """
        ended = await self._engine.client.wait(self._id)
        if ended.status is None:
            raise Unavailable(f"the exit status of `{self._id}` is unknown")
        return ended.status

    async def exec(
        self,
        args: Sequence[str],
        *,
        env: Sequence[str] = (),
        cwd: str | None = None,
        user: str | None = None,
        stdin: bytes = b"",
    ) -> ExecResult:
        """Run another program in it to its end.

        Args:
            args: the program and its arguments.
            env: `NAME=value`, added to the environment of the container's own process.
            cwd: working folder; None for the container's.
            user: `uid[:gid]`; None for the container's.
            stdin: what the program can read.
        """
        self._engine.check_may_change("exec")
        request = ExecRequest(args=tuple(args), env=tuple(env), cwd=cwd, user=user)
        return await run_program(self._engine.client, self._id, request, stdin)

    async def exec_terminal(
        self,
        args: Sequence[str],
        *,
        rows: int,
        columns: int,
        env: Sequence[str] = (),
        cwd: str | None = None,
        user: str | None = None,
    ) -> ExecTerminal:
        """Run another program in it, on a terminal of *rows* and *columns* characters."""
        from tuicontainer.engine.terminals import ExecTerminal

        self._engine.check_may_change("exec")
        request = ExecRequest(
            args=tuple(args),
            env=tuple(env),
            cwd=cwd,
            user=user,
            terminal=True,
            console_size=(rows, columns),
        )
        return await ExecTerminal.open(self._engine.client, self._id, request)

    async def attach(self, *, rows: int, columns: int) -> AttachedTerminal:
        """Connect to its own program, with the end of what that has written so far."""
        from tuicontainer.engine.terminals import AttachedTerminal

        self._engine.check_may_change("attach")
        terminal = (await self.view()).terminal
        session = await AttachedTerminal.open(self._engine.client, self._id, stdin=terminal)
        await session.resize(rows, columns)
        return session

    async def logs(
        self, *, follow: bool = False, tail: int | None = None, since_ns: int | None = None
    ) -> AsyncIterator[LogLine]:
        """Yield lines, oldest first; with *follow* across restarts until the container is gone."""
        locations = self._engine.locations
        if not follow:
            lines = await asyncio.to_thread(
                lambda: list(read_log(locations, self._id, tail=tail, since_ns=since_ns))
            )
            for line in lines:
                yield line
            return
        follower = await asyncio.to_thread(
            lambda: LogFollower(locations, self._id, tail=tail, since_ns=since_ns)
        )
        with contextlib.closing(follower):
            while True:
                lines, ended = await asyncio.to_thread(_read_on, follower)
                for line in lines:
                    yield line
                if ended:
                    return
                if not lines:
                    await asyncio.sleep(LOG_POLL_INTERVAL)

    def _check_is_ours(self, found: str) -> None:
        """Refuse what was found when our id, now gone, is the beginning of another one."""
        if found != self._id:
            raise NotFound(f"container `{self._id}` doesn't exist any more")


def _observe(state_root: str, container_id: str, pid: int) -> KernelView:
    return observe_container(pid, processes(state_root, container_id))


def _groups(state_root: str, container_id: str) -> tuple[GroupView, ...]:
    try:
        instance = state(state_root, container_id).instance
    except NotFound:
        return ()
    return () if instance.cgroup is None else observe_groups(instance.cgroup)


def _drift(
    state_root: str, container_id: str, config: dict[str, Any], seen: KernelView
) -> tuple[Drift, ...]:
    group = state(state_root, container_id).instance.cgroup
    sample = None if group is None else cgroup_from_state(dict(group)).sample()
    return find_drift(decode_config(config), seen, sample)


def _read_on(follower: LogFollower) -> tuple[list[LogLine], bool]:
    lines = follower.read_new()
    return lines, not lines and follower.ended
