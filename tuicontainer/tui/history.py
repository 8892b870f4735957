"""The last minutes of a container as graphs with a time axis. Pure."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from tuicontainer.engine.statistics import ContainerStats
from tuicontainer.record import Record
from tuicontainer.supervise.views import ExitRecord
from tuicontainer.tui.gauges import Samples
from tuicontainer.tui.graphs import area, nice_top, resample
from tuicontainer.tui.quantities import cores, percent, short_rate, short_size
from tuicontainer.tui.spans import Line, Span, fitted, merged, width_of
from tuicontainer.tui.widgets.container_columns import io_rate, network_rate

SECOND = 1_000_000_000
_AXIS = 8
"""Columns of the value axis."""


class _Graph(Record):
    title: str
    read: Callable[[ContainerStats], float | None]
    show: Callable[[float], str]
    base: int
    tone: str
    limit: Callable[[ContainerStats], float | None] | None = None
    limit_text: Callable[[float], str] = str


def _processor_limit(stats: ContainerStats) -> float | None:
    return None if stats.cpu_limit_cores is None else stats.cpu_limit_cores * 100


_GRAPHS = (
    _Graph(
        title="CPU, % of one core",
        read=lambda stats: stats.cpu_percent_of_core,
        show=percent,
        base=10,
        tone="",
        limit=_processor_limit,
        limit_text=lambda limit: f"limit {cores(limit / 100)} core",
    ),
    _Graph(
        title="Memory",
        read=lambda stats: stats.sample.memory.usage,
        show=short_size,
        base=1024,
        tone="anon",
        limit=lambda stats: stats.sample.memory.limit,
        limit_text=lambda limit: f"limit {short_size(limit)}",
    ),
    _Graph(
        title="Throttled, % of periods",
        read=lambda stats: stats.throttled_percent,
        show=percent,
        base=10,
        tone="middle",
        limit=lambda stats: None if stats.throttled_percent is None else 100.0,
    ),
    _Graph(title="Block I/O", read=io_rate, show=short_rate, base=1024, tone="file"),
    _Graph(title="Network", read=network_rate, show=short_rate, base=1024, tone="shmem"),
    _Graph(
        title="Processes",
        read=lambda stats: stats.sample.pids.current,
        show=lambda count: f"{count:.0f}",
        base=10,
        tone="info",
    ),
)


def history_lines(
    samples: Samples, width: int, height: int, *, ended: ExitRecord | None = None
) -> list[Line]:
    """Return graphs of what is known, as many as fit, with one time axis below.

    The newest second is at the right edge; one column is two seconds, or as many more as it takes
    to show everything that is kept.

    Args:
        samples: time and statistics, oldest first.
        width: columns.
        height: lines.
        ended: how the container ended, if it did. A kill for want of memory that ended it is in no
            sample, because the control group is gone by then.
    """
    if not samples:
        return [(), (("  no statistics yet: they come with a running container", "dim"),)]
    columns = max(4, width - _AXIS - 1)
    end_ns = samples[-1][0]
    seconds = (end_ns - samples[0][0]) // SECOND + 1
    step_ns = SECOND * max(1, -(-seconds // (columns * 2)))
    shown = [graph for graph in _GRAPHS if any(graph.read(stats) for _, stats in samples)]
    shown = (shown or list(_GRAPHS[:1]))[: max(1, (height - 2) // 4)]
    rows = max(2, min(8, (height - 2) // len(shown) - 1))
    lines: list[Line] = []
    for graph in shown:
        lines += _graph_lines(graph, samples, end_ns, step_ns, columns, rows)
    marks = _marks(samples, end_ns, step_ns, columns)
    if ended is not None and ended.oom_killed:
        marks[columns - 1] = ("▲", "bad")
    return [*lines, *_time_axis(marks, step_ns, columns, "now" if ended is None else "end")]


def _graph_lines(
    graph: _Graph, samples: Samples, end_ns: int, step_ns: int, columns: int, rows: int
) -> list[Line]:
    points = [(time_ns, graph.read(stats)) for time_ns, stats in samples]
    values = resample(points, end_ns, step_ns, columns * 2)
    largest = max((value for value in values if value is not None), default=0.0)
    limit = None if graph.limit is None else graph.limit(samples[-1][1])
    top = limit if limit and largest <= limit * 1.1 else nice_top(largest, base=graph.base)
    latest = next((value for _, value in reversed(points) if value is not None), 0.0)
    facts = [(f"   now {graph.show(latest)}", "text")]
    if limit and graph.limit_text is not str:
        facts.append((f" · {graph.limit_text(limit)}", "dim"))
    facts.append((f" · peak {graph.show(largest)}", "dim"))
    heading: Line = ((graph.title, "strong"),)
    for fact in facts:
        if width_of((*heading, fact)) <= columns:
            heading = (*heading, fact)
    lines: list[Line] = [((" " * (_AXIS + 1), "text"), *fitted(heading, columns))]
    for row, text in enumerate(area(values, columns, rows, top)):
        label = ""
        if row == 0:
            label = graph.show(top)
        elif row * 2 == rows and (graph.base == 1024 or top >= 2):
            label = graph.show(top / 2)
        tone = graph.tone or _row_tone(row, rows)
        lines.append(((f"{label:>{_AXIS}}", "dim"), ("┤" if label else "│", "faint"), (text, tone)))
    return lines


def _row_tone(row: int, rows: int) -> str:
    """Return the colour of one row of a graph whose top is a limit: green, amber, red."""
    height = (rows - row) / rows
    return "high" if height > 0.9 and rows > 3 else "middle" if height > 0.7 else "low"


def _time_axis(marks: dict[int, Span], step_ns: int, columns: int, right: str) -> list[Line]:
    """Return the axis with a label every minute or so, and with *marks* by column."""
    column_s = 2 * step_ns // SECOND
    every = next((s for s in (30, 60, 120, 300, 600) if s >= 16 * column_s), 900)
    axis = ["─"] * columns
    labels = [" "] * columns
    for back in range(0, column_s * columns, every):
        place = columns - 1 - back // column_s
        text = right if back == 0 else _ago(back)
        start = min(columns - len(text), max(0, place - len(text) // 2))
        axis[place] = "┴"
        if all(sign == " " for sign in labels[max(0, start - 1) : start + len(text)]):
            labels[start : start + len(text)] = text
    ruler: list[Span] = [(" " * _AXIS, "text"), ("└", "faint")]
    for column, sign in enumerate(axis):
        ruler.append(marks.get(column, (sign, "faint")))
    return [merged(ruler), ((" " * (_AXIS + 1), "text"), ("".join(labels), "dim"))]


def _marks(samples: Samples, end_ns: int, step_ns: int, columns: int) -> dict[int, tuple[str, str]]:
    """Return signs by column: `▲` an OOM kill, `↻` another instance."""
    marks: dict[int, Span] = {}
    for (_, before), (time_ns, stats) in pairwise(samples):
        column = columns - 1 - (end_ns - time_ns) // (2 * step_ns)
        if column < 0:
            continue
        kills, earlier = stats.sample.memory.oom_kills, before.sample.memory.oom_kills
        if stats.instance != before.instance:
            marks[column] = ("↻", "accent")
        if kills and kills > (earlier or 0):
            marks[column] = ("▲", "bad")
    return marks


def _ago(seconds: int) -> str:
    if seconds % 60:
        return f"-{seconds}s" if seconds < 60 else f"-{seconds // 60}m{seconds % 60}s"
    return f"-{seconds // 60}m"
