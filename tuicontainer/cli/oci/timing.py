"""With `--debug`: how long each step took."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.messages import Messages
    from tuicontainer.runtime.timeline import Timeline


def log_timeline(timeline: Timeline, messages: Messages) -> None:
    """Write one debug message a step."""
    for step, milliseconds in timeline.durations():
        messages.debug(f"{step}: {milliseconds:.3f} ms")
