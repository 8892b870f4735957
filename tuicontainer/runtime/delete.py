"""`delete`: take away what `create` made, then run the poststop hooks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.timeline import Timeline


def delete(
    root: str, container_id: str, *, force: bool = False, timeline: Timeline | None = None
) -> list[str]:
    """Remove a stopped container, or one that was never started.

    The init may still be a zombie: reaping it is its parent's duty, before or after.

    Args:
        root: the state root.
        container_id: whose.
        force: kill whatever still runs first.
        timeline: takes the steps' times.

    Returns:
        Warnings of poststop hooks that failed (runtime.md#lifecycle: they stop nothing).

    Raises:
        NotFound: no such container.
        FailedPrecondition: it runs and *force* isn't given.
    """
    raise NotImplementedError
