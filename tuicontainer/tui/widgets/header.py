"""The first line: which program, which host, how loaded, and what isn't allowed."""

from __future__ import annotations

from tuicontainer.tui.gauges import heavy_bar, level_tone
from tuicontainer.tui.model import Model
from tuicontainer.tui.quantities import of_size, percent, plural
from tuicontainer.tui.spans import Line, width_of
from tuicontainer.tui.widgets.graphs import SizedView

_APART: Line = (("   ", "text"),)


def header_line(model: Model, width: int) -> Line:
    """Return the header for *width* columns; the last parts go first."""
    info, host = model.info, model.host
    left: Line = ((" tuicontainer ", "badge"),)
    right: Line = ()
    if model.recording:
        right = (*right, (" ● REC ", "caution"))
    if model.rights.read_only:
        right = (*right, (" READ-ONLY ", "caution"))
    if info is not None and not info.root:
        right = (*right, (" NOT ROOT ", "alert"))
    if model.notices.unseen:
        right = (*right, (f" ! {plural(model.notices.unseen, 'notice')} ", "alert"))
    if model.containers is not None:
        counts = f"{model.count('running', 'paused')} running of {len(model.containers)}"
        right = (*right, (f"  {counts} ", "text"))
    parts: list[Line] = []
    if host is not None:
        busy = host.cpu_percent or 0.0
        used = host.memory_total - host.memory_available
        parts.append(
            (
                ("cpu ", "dim"),
                *(heavy_bar([(busy, level_tone(busy))], 100, 8) if width >= 78 else ()),
                (f" {percent(host.cpu_percent)} of {host.cpu_count} cores", "text"),
            )
        )
        parts.append((("memory ", "dim"), (of_size(used, host.memory_total), "text")))
    if info is not None:
        parts.append((("cgroup ", "dim"), (info.cgroup_mode, "text")))
        parts.append((("linux ", "dim"), (info.kernel.split("-")[0], "text")))
    if host is not None:
        parts.append((("load ", "dim"), (f"{host.load_1:.2f}", "text")))
    room = width - width_of(right)
    for part in parts:
        longer = (*left, *_APART, *part)
        if width_of(longer) >= room:
            break
        left = longer
    return (*left, (" " * max(1, room - width_of(left)), "text"), *right)


class Header(SizedView, can_focus=False):
    """Draws `header_line`."""

    ALLOW_SELECT = False

    def show_model(self, model: Model) -> None:
        """Show the header of *model*."""
        self.show_made(lambda width, height: [header_line(model, width)])  # noqa: ARG005
