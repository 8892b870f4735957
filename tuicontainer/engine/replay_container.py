"""A container of a recording, and the refusal of everything that would change it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from tuicontainer.engine.codec import decode
from tuicontainer.errors import InvalidArgument, NotFound, Unsupported
from tuicontainer.observe.container import KernelView
from tuicontainer.observe.drift import Drift
from tuicontainer.observe.groups import GroupView
from tuicontainer.spec.limits import Limits
from tuicontainer.supervise.timelines import Operation
from tuicontainer.supervise.views import ContainerView, LogLine

if TYPE_CHECKING:
    from tuicontainer.engine.api import ExecResult, TerminalSession
    from tuicontainer.engine.replay import ReplayEngine


class ReplayContainer:
    """A container of a recording: it can be looked at, nothing else."""

    def __init__(self, engine: ReplayEngine, container_id: str) -> None:
        self._engine = engine
        self._id = container_id

    @property
    def id(self) -> str:
        """The container's id."""
        return self._id

    async def view(self) -> ContainerView:
        """Return the view of the moment.

        Raises:
            NotFound: there is no such container at the moment.
        """
        for view in await self._engine.containers():
            if view.id == self._id:
                return view
        raise NotFound(f"no container matches `{self._id}` at this moment of the recording")

    async def state(self) -> Mapping[str, Any]:
        """Return the OCI state document of the moment."""
        return self._engine.document("state", self._id)

    async def inspect(self) -> Mapping[str, Any]:
        """Return what `inspect` said at the moment."""
        return self._engine.document("inspect", self._id)

    async def timeline(self) -> Sequence[Operation]:
        """Return what had been done to the present instance; nothing in older recordings.

        Raises:
            InvalidArgument: the recording holds something else there.
        """
        told = (await self.inspect()).get("timeline", ())
        try:
            return tuple(decode(Operation, each) for each in told)
        except TypeError as error:
            raise InvalidArgument(
                f"the recorded timeline of `{self._id}` can't be read: {error}"
            ) from error

    async def kernel(self) -> KernelView:
        """Return what the kernel said at the moment."""
        return self._engine.kernel(self._id)

    async def groups(self) -> Sequence[GroupView]:
        """Return its control groups at the moment; none if none are recorded."""
        return self._engine.groups(self._id)

    async def drift(self) -> Sequence[Drift]:
        """Return where the kernel differed from the configuration at the moment."""
        return self._engine.drift(self._id)

    async def start(self) -> None:
        """Refuse."""
        refuse("start")

    async def stop(self, timeout: float | None = None) -> None:  # noqa: ARG002 - refused
        """Refuse."""
        refuse("stop")

    async def restart(self, timeout: float | None = None) -> None:  # noqa: ARG002 - refused
        """Refuse."""
        refuse("restart")

    async def kill(self, signal: str | int = "KILL") -> None:  # noqa: ARG002 - refused
        """Refuse."""
        refuse("kill")

    async def kill_process(self, pid: int, started_ns: int, signal: str | int) -> None:  # noqa: ARG002 - refused
        """Refuse."""
        refuse("kill")

    async def pause(self) -> None:
        """Refuse."""
        refuse("pause")

    async def resume(self) -> None:
        """Refuse."""
        refuse("resume")

    async def update(self, limits: Limits) -> Mapping[str, Any] | None:  # noqa: ARG002 - refused
        """Refuse."""
        refuse("update")

    async def rename(self, container_id: str) -> ReplayContainer:  # noqa: ARG002 - refused
        """Refuse."""
        refuse("rename")

    async def delete(self, *, force: bool = False, keep: bool = False) -> None:  # noqa: ARG002 - refused
        """Refuse."""
        refuse("delete")

    async def exec(
        self,
        args: Sequence[str],  # noqa: ARG002 - refused
        *,
        env: Sequence[str] = (),  # noqa: ARG002 - same
        cwd: str | None = None,  # noqa: ARG002 - same
        user: str | None = None,  # noqa: ARG002 - same
        stdin: bytes = b"",  # noqa: ARG002 - same
    ) -> ExecResult:
        """Refuse."""
        refuse("exec")

    async def exec_terminal(
        self,
        args: Sequence[str],  # noqa: ARG002 - refused
        *,
        rows: int,  # noqa: ARG002 - same
        columns: int,  # noqa: ARG002 - same
        env: Sequence[str] = (),  # noqa: ARG002 - same
        cwd: str | None = None,  # noqa: ARG002 - same
        user: str | None = None,  # noqa: ARG002 - same
    ) -> TerminalSession:
        """Refuse."""
        refuse("exec")

    async def attach(self, *, rows: int, columns: int) -> TerminalSession:  # noqa: ARG002 - refused
        """Refuse."""
        refuse("attach")

    async def wait(self) -> int:
        """Return the recorded exit status, once the moment is after the end."""
        while True:
            ended = (await self.view()).exit
            if ended is not None:
                return 255 if ended.status is None else ended.status
            await self._engine.change()

    async def logs(
        self, *, follow: bool = False, tail: int | None = None, since_ns: int | None = None
    ) -> AsyncIterator[LogLine]:
        """Yield what it had written up to the moment; with *follow* more after each `seek`."""
        position = 0
        if tail is not None:
            position = max(0, self._engine.log_length(self._id) - tail)
        while True:
            lines = self._engine.log(self._id, position)
            position += len(lines)
            for line in lines:
                if since_ns is None or line.time_ns > since_ns:
                    yield line
            if not follow:
                return
            await self._engine.change()


def refuse(verb: str) -> NoReturn:
    """Raise Unsupported, saying that a recording can't do *verb*."""
    raise Unsupported(
        f"can't {verb}: this is a recording", hint="open tuicontainer without it to act"
    )
