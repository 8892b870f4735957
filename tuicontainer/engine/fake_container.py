"""One container of the engine in memory, and what it pretends to run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from errno import ENOENT
from typing import TYPE_CHECKING, Any

from tuicontainer.engine.api import ExecResult
from tuicontainer.engine.fake_kernel import (
    pretended_groups,
    pretended_kernel,
    pretended_timeline,
)
from tuicontainer.engine.fake_terminal import FakeAttachment, FakeShell, FakeTerminal
from tuicontainer.engine.statistics import ContainerStats
from tuicontainer.errors import FailedPrecondition, NotFound
from tuicontainer.observe.container import KernelView
from tuicontainer.observe.drift import Drift
from tuicontainer.observe.groups import GroupView
from tuicontainer.record import Record
from tuicontainer.runtime.cgroups.sample import CgroupSample, CpuSample, MemorySample, PidsSample
from tuicontainer.spec.limits import Limits
from tuicontainer.spec.signals import NUMBERS, parse_signal
from tuicontainer.spec.state import state_document
from tuicontainer.supervise.timelines import Operation
from tuicontainer.supervise.views import ContainerView, ExitRecord, LogLine

if TYPE_CHECKING:
    from tuicontainer.bundles.views import BundleView
    from tuicontainer.engine.api import CreateOptions
    from tuicontainer.engine.fake import FakeEngine
    from tuicontainer.supervise.views import Stream

_HARMLESS = frozenset(NUMBERS[name] for name in ("CHLD", "CONT", "URG", "WINCH"))


class Program(Record):
    """What a pretended program does."""

    output: tuple[tuple[Stream, str], ...] = ()
    """Lines written at the start, as `(stream, text)`."""
    ends_with: int | None = None
    """It ends at once with this status; None: it runs until a signal ends it."""
    cpu_percent: float = 0.0
    """Of one core."""
    memory: int = 1 << 20
    """Bytes."""
    processes: int = 1


class FakeContainer:
    """A handle on one pretended container."""

    def __init__(
        self,
        engine: FakeEngine,
        container_id: str,
        bundle: BundleView,
        program: Program,
        options: CreateOptions,
    ) -> None:
        self._engine = engine
        self._bundle = bundle
        self._program = program
        self._options = options
        self._log: list[LogLine] = []
        self._cpu_ns = 0
        self._deleted = False
        self.present = ContainerView(
            id=container_id,
            status="created",
            pid=1000,
            bundle=bundle.path,
            created_ns=engine.now_ns(),
            terminal=bundle.terminal if options.terminal is None else options.terminal,
            annotations={"io.tuicontainer.description": bundle.description},
            args=options.args or bundle.args,
            oci_version="1.3.0",
            rootfs=f"{bundle.path}/rootfs",
            owner="root",
            hostname=container_id,
            state_root=engine.facts.state_root,
            auto_remove=options.auto_remove,
            restart=options.restart or "no",
        )

    @property
    def id(self) -> str:
        """The container's id."""
        return self.present.id

    async def view(self) -> ContainerView:
        """Return the present view."""
        self._check_exists()
        return self.present

    async def state(self) -> Mapping[str, Any]:
        """Return the OCI state document."""
        self._check_exists()
        view = self.present
        return state_document(
            container_id=view.id,
            status=view.status,
            pid=view.pid,
            bundle=view.bundle,
            annotations=view.annotations,
        )

    async def inspect(self) -> Mapping[str, Any]:
        """Return what is known of the container as one JSON document."""
        state = await self.state()
        view = self.present
        return {
            "id": view.id,
            "status": view.status,
            "pid": view.pid,
            "bundle": view.bundle,
            "instance": view.instance,
            "exit": None if view.exit is None else dict(view.exit.items()),
            "state": state,
            "timeline": [each.to_document() for each in await self.timeline()],
            "config": {"process": {"args": list(view.args), "terminal": view.terminal}},
        }

    async def timeline(self) -> Sequence[Operation]:
        """Return what making it, and starting it if it was, would have taken."""
        self._check_exists()
        return pretended_timeline(self.present)

    async def kernel(self) -> KernelView:
        """Return a process in namespaces of its own, with one mount and few capabilities."""
        self._check("look at the processes of", "created", "running", "paused")
        return pretended_kernel(self.present)

    async def groups(self) -> Sequence[GroupView]:
        """Return the one group that its limits would make."""
        self._check_exists()
        if self.present.status == "stopped":
            return ()
        limit = self._options.memory_limit or self._bundle.memory_limit
        return pretended_groups(self.present, limit)

    async def drift(self) -> Sequence[Drift]:
        """Return nothing: what isn't there differs from nothing."""
        self._check("drift", "created", "running", "paused")
        return ()

    async def start(self) -> None:
        """Run the program; for a stopped container as its next instance."""
        self._check("start", "created", "stopped")
        now = self._engine.now_ns()
        if self.present.status == "stopped":
            self.present = self.present.replace(instance=self.present.instance + 1)
        self.present = self.present.replace(status="running", pid=1000, started_ns=now, exit=None)
        for stream, text in self._program.output:
            self.write(text, stream)
        self._engine.record(self, "started")
        if self._program.ends_with is not None:
            self._end(self._program.ends_with)

    async def stop(self, timeout: float | None = None) -> None:
        """End the program by its stop signal, which it obeys at once."""
        self._check("stop", "running", "paused")
        self._engine.record(self, "stopping", signal="TERM", timeout=timeout)
        self._end(128 + NUMBERS["TERM"])

    async def restart(self, timeout: float | None = None) -> None:
        """Stop the program if it runs, then start the next instance."""
        if self.present.status in ("running", "paused"):
            await self.stop(timeout)
        await self.start()

    async def kill(self, signal: str | int = "KILL") -> None:
        """Send a signal: all but the harmless ones end the program."""
        number = parse_signal(signal)
        self._check("kill", "created", "running", "paused")
        self._engine.record(self, "killed", signal=number)
        if number not in _HARMLESS:
            self._end(128 + number)

    async def kill_process(self, pid: int, started_ns: int, signal: str | int) -> None:
        """Send a signal to the one process there is."""
        number = parse_signal(signal)
        shown = (await self.kernel()).processes[0]
        if pid != shown.pid:
            raise FailedPrecondition(f"process {pid} isn't one of `{self.id}`")
        if started_ns != shown.started_ns:
            raise FailedPrecondition(f"process {pid} of `{self.id}` has ended")
        self._engine.record(self, "signalled", signal=number, pid=pid)
        if number not in _HARMLESS:
            self._end(128 + number)

    async def pause(self) -> None:
        """Freeze the program."""
        self._check("pause", "created", "running")
        self.present = self.present.replace(status="paused")
        self._engine.record(self, "paused")

    async def resume(self) -> None:
        """Thaw the program."""
        self._check("resume", "paused")
        self.present = self.present.replace(status="running")
        self._engine.record(self, "resumed")

    async def update(self, limits: Limits) -> Mapping[str, Any] | None:
        """Change the limits that the samples show."""
        self._check_exists()
        given = {name: value for name, value in limits.items() if value is not None}
        self._options = self._options.replace(**given)
        self._engine.record(self, "updated", **given)
        if self.present.status == "stopped":
            return None
        now = self.sample().sample
        return {
            "memory": now.memory.limit,
            "swap": None,
            "cpu_quota_us": now.cpu.quota_us,
            "cpu_period_us": now.cpu.period_us,
            "pids": now.pids.limit,
        }

    async def rename(self, container_id: str) -> FakeContainer:
        """Give it another id, under which this same object is found."""
        self._check("rename", "stopped")
        before = self.id
        self._engine.rename(self, container_id)
        self.present = self.present.replace(id=container_id)
        self._engine.record(self, "renamed", before=before)
        return self

    async def delete(self, *, force: bool = False, keep: bool = False) -> None:
        """Take the container away; with *force* its program is killed first."""
        self._check_exists()
        if self.present.status in ("running", "paused"):
            if not force:
                raise FailedPrecondition(
                    f"can't delete `{self.id}`: it is {self.present.status}",
                    hint="kill or stop it first",
                )
            self._end(128 + NUMBERS["KILL"])
        self._deleted = True
        self._engine.remove(self, keep=keep)
        self._engine.record(self, "deleted")

    async def wait(self) -> int:
        """Return the exit status once the present instance has ended."""
        self._check_exists()
        while self.present.exit is None and not self._deleted:
            await self._engine.next_change().wait()
        ended = self.present.exit
        return ended.status if ended is not None and ended.status is not None else 255

    async def exec(
        self,
        args: Sequence[str],
        *,
        env: Sequence[str] = (),  # noqa: ARG002 - nothing pretended here looks at it
        cwd: str | None = None,  # noqa: ARG002 - same
        user: str | None = None,  # noqa: ARG002 - same
        stdin: bytes = b"",
    ) -> ExecResult:
        """Pretend to run `true`, `false`, `echo` or `cat`, the programs there are."""
        self._check("exec", "running")
        programs = {
            "true": ExecResult(status=0),
            "false": ExecResult(status=1),
            "echo": ExecResult(status=0, stdout=" ".join(args[1:]).encode() + b"\n"),
            "cat": ExecResult(status=0, stdout=stdin),
        }
        name = args[0].rpartition("/")[2] if args else ""
        if name not in programs:
            raise NotFound(f"no program `{name}` in `{self.id}`", errno=ENOENT)
        return programs[name]

    async def exec_terminal(
        self,
        args: Sequence[str],
        *,
        rows: int,
        columns: int,
        env: Sequence[str] = (),  # noqa: ARG002 - nothing pretended here looks at it
        cwd: str | None = None,  # noqa: ARG002 - same
        user: str | None = None,  # noqa: ARG002 - same
    ) -> FakeTerminal:
        """Pretend to run `sh`, the program with a terminal that there is."""
        self._check("exec", "running")
        name = args[0].rpartition("/")[2] if args else ""
        if name != "sh":
            raise NotFound(f"no program `{name}` in `{self.id}`", errno=ENOENT)
        return FakeShell(rows, columns)

    async def attach(self, *, rows: int, columns: int) -> FakeTerminal:
        """Show what the program writes."""
        self._check("attach", "created", "running", "paused")
        session = FakeAttachment(self, self._engine.next_change)
        await session.resize(rows, columns)
        return session

    @property
    def written(self) -> Sequence[LogLine]:
        """What the program has written so far."""
        return self._log

    async def logs(
        self, *, follow: bool = False, tail: int | None = None, since_ns: int | None = None
    ) -> AsyncIterator[LogLine]:
        """Yield lines, oldest first; with *follow* until the container is gone."""
        self._check_exists()
        lines = [line for line in self._log if since_ns is None or line.time_ns > since_ns]
        position = len(self._log)
        for line in lines if tail is None else lines[max(0, len(lines) - tail) :]:
            yield line
        while follow:
            change = self._engine.next_change()
            while position < len(self._log):
                position += 1
                yield self._log[position - 1]
            if self._deleted:
                return
            await change.wait()

    def come_back(self) -> None:
        """Be there again, stopped, after a delete that kept it."""
        self._deleted = False
        if self.present.status != "stopped":
            self.present = self.present.replace(status="stopped", pid=0)
        self._engine.record(self, "restored")

    def write(self, text: str, stream: Stream = "stdout") -> None:
        """Let the program write one line."""
        now, instance = self._engine.now_ns(), self.present.instance
        self._log.append(LogLine(time_ns=now, stream=stream, text=text, instance=instance))
        self._engine.announce()

    def run_out_of_memory(self) -> None:
        """Let the kernel kill the program for want of memory."""
        self._check("kill", "running")
        self._engine.record(self, "oom")
        self._end(128 + NUMBERS["KILL"], oom=True)

    def sample(self) -> ContainerStats:
        """Return what the program claims to use, one second after the last sample."""
        program = self._program
        frozen = self.present.status == "paused"
        percent = 0.0 if frozen else program.cpu_percent
        self._cpu_ns += int(percent * 1e7)
        limit = self._options.memory_limit or self._bundle.memory_limit
        cpus = self._options.cpus or self._bundle.cpus
        return ContainerStats(
            id=self.id,
            instance=self.present.instance,
            sample=CgroupSample(
                monotonic_ns=self._engine.now_ns(),
                cpu=CpuSample(
                    usage_ns=self._cpu_ns,
                    quota_us=None if cpus is None else int(cpus * 100_000),
                    period_us=100_000,
                ),
                memory=MemorySample(
                    usage=program.memory, limit=limit, peak=program.memory, anon=program.memory
                ),
                pids=PidsSample(
                    current=program.processes,
                    limit=self._options.pids_limit or self._bundle.pids_limit,
                ),
            ),
            cpu_percent_of_core=percent,
            cpu_limit_cores=cpus,
            cpu_percent_of_limit=None if cpus is None else percent / cpus,
            memory_percent_of_limit=None if limit is None else 100 * program.memory / limit,
        )

    def _end(self, status: int, *, oom: bool = False) -> None:
        ended = ExitRecord(
            status=status,
            finished_ns=self._engine.now_ns(),
            oom_killed=oom,
            reason="signaled" if status > 128 else "exited",
        )
        self.present = self.present.replace(status="stopped", pid=0, exit=ended)
        self._engine.record(self, "exited", status=status, oom_killed=oom)
        if self.present.auto_remove:
            self._deleted = True
            self._engine.remove(self)
            self._engine.record(self, "deleted")

    def _check_exists(self) -> None:
        if self._deleted:
            raise NotFound(f"no container matches `{self.id}`")

    def _check(self, verb: str, *allowed: str) -> None:
        self._check_exists()
        if self.present.status not in allowed:
            raise FailedPrecondition(
                f"can't {verb} `{self.id}`: it is {self.present.status}",
                hint=f"it must be {' or '.join(allowed)}",
            )
