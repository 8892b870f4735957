"""`start`: let the waiting init become the container's program."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.timeline import Timeline


def start(root: str, container_id: str, timeline: Timeline | None = None) -> None:
    """Run the startContainer hooks, then the program, then the poststart hooks.

    Returns once the kernel has accepted the program (or once it has already ended).

    Raises:
        NotFound: no such container.
        FailedPrecondition: it isn't `created`.
        TuiContainerError: a hook failed or the kernel refused the program; the container is then
            stopped, and `delete` cleans up.
    """
    raise NotImplementedError
