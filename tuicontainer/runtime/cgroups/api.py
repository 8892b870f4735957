"""What the runtime asks of a control group, whichever version the kernel has.

Answered by `v1.group.V1Cgroup`, `v2.group.V2Cgroup`, `hybrid.HybridCgroup`, by a unit of systemd's
in `systemd.group.SystemdCgroup` and, from memory, `fake.FakeCgroup`; the contract suite in
tests/contracts/cgroups holds for all of them.

Every method raises the kinds of `tuicontainer.errors`. A group that has gone away is NotFound for
the methods that need it and no error for `processes`, `kill` and `remove`, which ask for a state
that is then reached already.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Literal, Protocol, Self

    from tuicontainer.runtime.cgroups.sample import CgroupSample
    from tuicontainer.spec.config import Resources

    CgroupMode = Literal["v1", "hybrid", "v2", "none"]
else:
    Protocol = object


class Sampler(Protocol):
    """Reads the counters of one group again and again through files it keeps open."""

    def sample(self) -> CgroupSample:
        """Return the counters now.

        Raises:
            NotFound: the group has been removed.
        """

    def close(self) -> None:
        """Close the files; twice does no harm."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class Cgroup(Protocol):
    """One control group: a name that has the same meaning in every hierarchy of the host."""

    @property
    def path(self) -> str:
        """Where it is, from the hierarchy's root, such as `/tuicontainer/run/c/web-1`."""

    @property
    def mode(self) -> CgroupMode:
        """Which kind of host this group is made for."""

    @property
    def joinable(self) -> bool:
        """Whether a process can come in by `join`.

        A unit of systemd's comes into being with its first process, which must be moved in by
        `attach`, after `create` and `limit`; until then the group doesn't exist.
        """

    def exists(self) -> bool:
        """Tell whether the group exists in any hierarchy."""

    def create(self) -> None:
        """Make the group in every hierarchy, ancestors included; an empty one is adopted.

        Raises:
            FailedPrecondition: it exists and holds processes or is frozen, which
                config-linux.md#cgroups-path lets a runtime refuse, or an ancestor can't take
                children. What was made is removed again.
        """

    def attach(self, pid: int, *, beside: int | None = None) -> None:
        """Move a process, with all its threads, into the group in every hierarchy.

        Args:
            pid: as our PID namespace numbers it; 0 is the caller.
            beside: a process of the container. On v2 a group whose program has made groups of its
                own and gave them controllers can't hold processes itself; then the newcomer joins
                the group this process is in, if that is inside this one.

        Raises:
            NotFound: no such group, or the process has ended.
            FailedPrecondition: the group can't hold processes (v2, see *beside*).
        """

    def birthplace(self) -> int | None:
        """Open the group for CLONE_INTO_CGROUP (clone3(2)); the caller closes the descriptor.

        None where there is no unified hierarchy. With `join` it is the quick way into a new group:
        moving a process from outside waits for every CPU (8 ms on an idle machine), because the
        kernel must keep others from forking meanwhile.

        Raises:
            NotFound: no such group.
        """

    def join(self) -> None:
        """Move the calling process from its `birthplace` into all hierarchies of the group.

        It must have a single thread.

        Raises:
            NotFound: no such group.
        """

    def entries(self) -> list[int] | None:
        """Open the group for a process that joins it later, when it sees the host no more.

        A process that was born in `birthplace`, or for which there is none, is in the group once it
        has written `0` to each of the descriptors, as its only thread. The caller closes them.
        None where the unified hierarchy limits memory: who is born there pays for all it does
        until it is the container's program, so `attach` is the way in.

        Raises:
            NotFound: no such group.
        """

    def limit(self, resources: Resources) -> None:
        """Apply all limits but those of memory; what is None stays as it is.

        The device rules are always applied: with none given the container gets the default devices
        only. `unified` entries are written last, those named `memory.*` by `limit_memory`.

        Raises:
            Unsupported: this host's cgroups can't express a value; the text names the field.
            InvalidArgument: the kernel or the specification's rules refuse a value.
        """

    def limit_memory(self, resources: Resources) -> None:
        """Apply the limits of memory and the `memory.*` entries of `unified`.

        Raises:
            FailedPrecondition: `checkBeforeUpdate` is set and more than the limit is in use.
            Unsupported, InvalidArgument: as for `limit`.
        """

    def update(self, resources: Resources) -> None:
        """Change limits of a group in use, those of memory included.

        What is None or empty stays as it is: devices too, and the half of a pair that isn't given
        (a quota without a period, swap without a limit).

        Raises:
            NotFound: no such group.
            FailedPrecondition, Unsupported, InvalidArgument: as for `limit` and `limit_memory`;
                what can be told without asking the kernel is told before anything is changed.
        """

    def delegate(self, uid: int) -> None:
        """Let a user make groups inside and distribute processes and controllers among them.

        On v2 only: in v1 that would let the user lift the limits, so there nothing happens
        (config-linux.md#cgroup-ownership).

        Raises:
            NotFound: no such group.
        """

    def processes(self) -> list[int]:
        """Return the processes of the group and of all groups inside it, sorted."""

    def freeze(self) -> None:
        """Stop every process of the group and below, and return when all have stopped.

        Raises:
            FailedPrecondition: some don't stop within the time limit; the group is thawed again.
        """

    def thaw(self) -> None:
        """Let the processes go on."""

    def frozen(self) -> bool:
        """Tell whether the group itself is frozen or about to be."""

    def kill(self, signal: int) -> None:
        """Send a signal to every process of the group and below, also those forked meanwhile.

        SIGKILL thaws a frozen group, as it could not take effect on v1 otherwise. Any other signal
        leaves it frozen and takes effect after `thaw`; on v2 one that ends the process does so at
        once. Returns when all have got the signal; it doesn't wait for their end.
        """

    def remove(self) -> None:
        """Remove the group, the groups inside it, and ancestors of our making that became empty.

        Waits a few seconds for killed processes to vanish.

        Raises:
            FailedPrecondition: processes are left; the text names them.
        """

    def sample(self) -> CgroupSample:
        """Return the counters now; `open_sampler` is cheaper for more than one reading.

        Raises:
            NotFound: the group doesn't exist.
        """

    def open_sampler(self) -> Sampler:
        """Open the counters' files for repeated reading; the caller closes the sampler.

        Raises:
            NotFound: the group doesn't exist.
        """

    def oom_kills(self) -> int | None:
        """Return how many processes the kernel has killed for want of memory; None: not told."""

    def to_state(self) -> dict[str, Any]:
        """Return the JSON object from which `open.cgroup_from_state` makes this group again."""
