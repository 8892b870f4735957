"""What every door may ask of the engine, as Protocols.

`open_engine` returns the real thing; `engine.fake` and `engine.replay` answer the same questions
from memory and from a recording, and pass the same contract suite (tests/contracts/engine).
All methods raise the kinds of `tuicontainer.errors`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.statistics import ContainerStats, StatsTick
from tuicontainer.record import Record
from tuicontainer.spec.limits import Limits
from tuicontainer.supervise.views import ContainerView, Event, LogLine

if TYPE_CHECKING:
    from tuicontainer.engine.bundle_work import BundleWork
    from tuicontainer.observe.container import KernelView
    from tuicontainer.observe.drift import Drift
    from tuicontainer.observe.groups import GroupView
    from tuicontainer.supervise.timelines import Operation


class EngineInfo(Record):
    """Facts about the host and this engine, for `info` and the header."""

    version: str
    state_root: str
    data_root: str
    root: bool
    """Whether we have the privileges to run containers."""
    read_only: bool
    cgroup_mode: str
    """`v2`, `v1` or `hybrid`; `none` without control groups."""
    controllers: tuple[str, ...]
    kernel: str
    pressure: bool
    """Whether the kernel reports pressure stall information."""
    bundle_roots: tuple[str, ...]
    oci_version: str


class CreateOptions(Limits):
    """What a person may choose when making a container; defaults are the bundle's own."""

    container_id: str | None = None
    """Generated as `<bundle>-<n>` when None."""
    args: tuple[str, ...] = ()
    """Replaces the bundle's command when not empty."""
    env: tuple[str, ...] = ()
    cwd: str | None = None
    user: str | None = None
    """`uid[:gid]`."""
    terminal: bool | None = None
    stdin_open: bool = False
    annotations: tuple[tuple[str, str], ...] = ()
    """Names and values, added to the bundle's."""
    restart: str | None = None
    """`no`, `on-failure[:n]`, `always` or `unless-stopped`; None for the bundle's own."""
    auto_remove: bool = False


class ExecResult(Record):
    """How a program that ran in a container ended, and what it wrote."""

    status: int
    """0 to 255, 128+n for signal n."""
    stdout: bytes = b""
    stderr: bytes = b""


class TerminalSession(Protocol):
    """A program's terminal, or what a container without one writes. One reader at a time."""

    @property
    def terminal(self) -> bool:
        """Whether there is one: else lines end with a mere line feed, and nothing can be typed."""
        ...

    async def read(self) -> bytes:
        """Return what was written next; empty once the program has ended.

        Raises:
            Unavailable: nobody supervises it any more.
        """
        ...

    async def write(self, data: bytes) -> None:
        """Type; waits while the program doesn't read."""
        ...

    async def resize(self, rows: int, columns: int) -> None:
        """Tell the terminal its size in characters."""
        ...

    async def wait(self) -> int | None:
        """Return the program's exit status once `read` has come to its end; None if unknown."""
        ...

    async def close(self) -> None:
        """Leave: what was started for this session is hung up, a container goes on."""
        ...


class Container(Protocol):
    """A handle on one container; it stays valid when the container changes or goes away."""

    @property
    def id(self) -> str: ...
    async def view(self) -> ContainerView: ...
    async def state(self) -> Mapping[str, Any]:
        """Return the OCI state document."""
        ...

    async def inspect(self) -> Mapping[str, Any]:
        """Return record, state, config and our additions as one JSON document."""
        ...

    async def timeline(self) -> Sequence[Operation]:
        """Return what was done to the present instance and how long each step took, oldest first.

        It begins with the delete of the instance before; empty if nothing was written down, as for
        a container that isn't ours.
        """
        ...

    async def kernel(self) -> KernelView:
        """Return what the kernel says of a container with a process: namespaces, mounts and so on.

        Raises:
            FailedPrecondition: it has no process.
        """
        ...

    async def groups(self) -> Sequence[GroupView]:
        """Return its control groups with their limits; those of what has ended hold no process."""
        ...

    async def drift(self) -> Sequence[Drift]:
        """Return where what the kernel has differs from the configuration."""
        ...

    async def start(self) -> None: ...
    async def stop(self, timeout: float | None = None) -> None:
        """Send the stop signal, wait the grace period in seconds, then kill."""
        ...

    async def restart(self, timeout: float | None = None) -> None: ...
    async def kill(self, signal: str | int = "KILL") -> None: ...
    async def kill_process(self, pid: int, started_ns: int, signal: str | int) -> None:
        """Send a signal to one of its processes, as `kernel` showed it.

        Raises:
            FailedPrecondition: it has ended (whatever has its pid now), or is none of these.
        """
        ...

    async def pause(self) -> None: ...
    async def resume(self) -> None: ...
    async def update(self, limits: Limits) -> Mapping[str, Any] | None:
        """Change limits, of a running container at once, and for its next instances.

        Returns:
            The limits that the kernel shows now: `memory`, `swap` (bytes),
            `cpu_quota_us`, `cpu_period_us` (microseconds), `pids`; None is no limit. None in
            all for a container without a process.
        """
        ...

    async def rename(self, container_id: str) -> Container:
        """Give it another id and return the handle for that; refused while it has a process.

        What its ended instance left is removed, and its poststop hooks run under the old id.
        """
        ...

    async def delete(self, *, force: bool = False, keep: bool = False) -> None:
        """Remove it; a running one only with *force*.

        With *keep* its record and log wait until `Engine.restore` or `Engine.forget`, an hour at
        most.
        """
        ...

    async def wait(self) -> int:
        """Return the exit status of the present instance once it has ended."""
        ...

    async def exec(
        self,
        args: Sequence[str],
        *,
        env: Sequence[str] = (),
        cwd: str | None = None,
        user: str | None = None,
        stdin: bytes = b"",
    ) -> ExecResult:
        """Run another program in the container, which must be running, to its end."""
        ...

    async def exec_terminal(
        self,
        args: Sequence[str],
        *,
        rows: int,
        columns: int,
        env: Sequence[str] = (),
        cwd: str | None = None,
        user: str | None = None,
    ) -> TerminalSession:
        """Run another program in the running container, on a terminal of its own.

        *rows* and *columns* are the terminal's size in characters; else as `exec`.
        """
        ...

    async def attach(self, *, rows: int, columns: int) -> TerminalSession:
        """Connect to the container's own program, with the end of what it has written so far.

        Raises:
            FailedPrecondition: it has no process.
        """
        ...

    def logs(
        self, *, follow: bool = False, tail: int | None = None, since_ns: int | None = None
    ) -> AsyncIterator[LogLine]:
        """Yield lines, oldest first; with *follow* across restarts until the container is gone."""
        ...


class Engine(Protocol):
    """Many containers over time: one object behind every door."""

    @property
    def bundle_work(self) -> BundleWork:
        """Linting, editing and making of bundles."""
        ...

    async def info(self) -> EngineInfo: ...
    async def bundles(self) -> Sequence[BundleView]: ...
    def watch_bundles(self) -> AsyncIterator[Sequence[BundleView]]:
        """Yield all bundles now and again whenever a bundle root changes."""
        ...

    async def bundle_config(self, path: str) -> Mapping[str, Any]:
        """Return the config.json of the bundle with this `BundleView.path`, unchecked."""
        ...

    async def containers(self, *, all: bool = True) -> Sequence[ContainerView]: ...
    def watch_containers(self) -> AsyncIterator[Sequence[ContainerView]]:
        """Yield all containers now and again within a second of any change, whoever made it."""
        ...

    async def create(self, bundle: str, options: CreateOptions | None = None) -> Container: ...
    async def container(self, reference: str) -> Container:
        """Return the container with this id or unique id prefix."""
        ...

    async def restore(self, container_id: str) -> Container:
        """Bring back what was deleted with `keep`: stopped, with its log."""
        ...

    async def forget(self, container_id: str) -> None:
        """Remove for good what was deleted with `keep`; nothing happens if there is none."""
        ...

    def events(self, *, since: int | None = None, follow: bool = True) -> AsyncIterator[Event]:
        """Yield events after the cursor *since* (from now on when None)."""
        ...

    def stats(self, interval: float = 1.0) -> AsyncIterator[StatsTick]:
        """Yield a snapshot of all running containers every *interval* seconds."""
        ...

    def stats_history(self, container_id: str) -> Sequence[tuple[int, ContainerStats]]:
        """Return the kept `(time_ns, stats)` of a container, oldest first, at most 15 minutes."""
        ...
