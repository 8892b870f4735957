"""With `--debug`: how long each step took."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.messages import Messages
    from tuicontainer.runtime.timeline import Timeline


def log_timeline(timeline: Timeline, messages: Messages) -> None:
    """Write one debug message a step."""
    for process, step, begin, end in timeline.steps():
        messages.debug(f"{process}: {step}: {(end - begin) / 1e6:.3f} ms")
