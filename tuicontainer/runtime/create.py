"""`create`: everything up to a process that waits to become the container's program."""

from __future__ import annotations

from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.process.stdio import Stdio
    from tuicontainer.runtime.timeline import Timeline
    from tuicontainer.spec.config import Config


class Created(Record):
    """A container that waits for `start`. The caller owns both descriptors."""

    pid: int
    """Of the init, a child of the caller, which reaps it."""
    pidfd: int
    console: int | None
    """The terminal's master side, if `process.terminal` is set."""


def create(
    root: str,
    container_id: str,
    *,
    bundle: str,
    config: Config,
    stdio: Stdio | None,
    cgroup_path: str | None,
    timeline: Timeline | None = None,
    preserve_fds: int = 0,
    pid_file: str | None = None,
    new_keyring: bool = True,
) -> Created:
    """Make the container and return once its init waits for `start`.

    Args:
        root: the state root; made if missing.
        container_id: a checked id that no other container of this root has.
        bundle: absolute path of the bundle folder.
        config: its checked configuration. A snapshot of `config.document` is kept, so that later
            edits of the file don't matter (runtime.md#lifecycle).
        stdio: what the program gets as 0, 1, 2; None for the caller's own. Ignored where the
            configuration asks for a terminal.
        cgroup_path: from the hierarchies' root (see `container_cgroup_path`); None for none.
        timeline: takes the steps' times.
        preserve_fds: how many descriptors after 2 the program keeps.
        pid_file: gets the init's pid, written before this returns.
        new_keyring: give the container a session keyring of its own.

    Raises:
        AlreadyExists: the id is taken.
        TuiContainerError: anything else; everything made so far has been taken back, and where
            that failed as well the message says both.
    """
    raise NotImplementedError
