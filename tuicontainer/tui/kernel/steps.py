"""How an instance was made as a waterfall: a bar a step, the hooks that ran beneath. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tuicontainer.supervise.timelines import HookStep, Operation, Step
from tuicontainer.tui.kernel.layout import heading, paragraph
from tuicontainer.tui.quantities import short_span
from tuicontainer.tui.spans import Line, clipped, fitted, printable

_NAME = 23
_FIGURE = 9
_LEAST_BAR = 8
_MOST_STDERR = 8
"""Lines shown of what a hook wrote; its last ones tell why it failed."""
_TITLES = {"create": "Making", "start": "Starting", "delete": "Removing"}


def step_lines(operations: Sequence[Operation], width: int) -> list[Line]:
    """Return for each operation a heading, a line a step and the hooks; nothing for none."""
    lines: list[Line] = []
    for operation in operations:
        lines.append(())
        lines += _operation_lines(operation, width)
    return lines


def took(microseconds: int) -> str:
    """Return a span in at most seven columns: `340µs`, `12.3ms`, `1.2s`."""
    if microseconds < 1000:
        return f"{microseconds}µs"
    if microseconds < 99_950:
        return f"{microseconds / 1000:.1f}ms"
    return short_span(microseconds * 1000)


def _operation_lines(operation: Operation, width: int) -> list[Line]:
    title = f"{_TITLES[operation.operation]} instance {operation.instance}"
    lines = [heading(title, f"{took(operation.duration_us)} in all")]
    if operation.error:
        lines += paragraph(f"failed: {printable(operation.error)}", width, "bad")
    lines += [_step_line(step, operation, width) for step in operation.steps]
    for hook in operation.hooks:
        lines += _hook_lines(hook, width)
    return lines


def _step_line(step: Step, operation: Operation, width: int) -> Line:
    # Steps of the container's first process are set in: they happen beside those of the runtime.
    name = f"  {step.step}" if step.process == "init" else step.step
    cells: Line = (
        *fitted(((printable(name), "dim" if step.waits else "text"),), _NAME),
        (f"{'+' + took(step.start_us):>{_FIGURE}}{took(step.duration_us):>{_FIGURE}}  ", "dim"),
    )
    room = width - _NAME - 2 * _FIGURE - 2
    if room < _LEAST_BAR:
        return fitted(cells, width)
    return (*cells, *_bar(step, operation, room))


def _bar(step: Step, operation: Operation, room: int) -> Line:
    whole = max(1, operation.duration_us)
    start = min(room - 1, max(0, step.start_us) * room // whole)
    end = (step.start_us + step.duration_us) * room // whole
    columns = max(1, min(room, end) - start)
    sign, tone = ("─", "track") if step.waits else ("━", _tone(step, operation))
    return (
        ("·" * start, "track"),
        (sign * columns, tone),
        ("·" * (room - start - columns), "track"),
    )


def _tone(step: Step, operation: Operation) -> str:
    failed = any(hook.error and step.step == f"{hook.kind} hooks" for hook in operation.hooks)
    if failed or step.step == "what failed":
        return "bad"
    if step.step.endswith(" hooks"):
        return "warning"
    return "good" if step.process == "init" else "info"


def _hook_lines(hook: HookStep, width: int) -> list[Line]:
    tone = "bad" if hook.error else "good"
    ended = printable(hook.error) or "exit status 0"
    left: Line = (
        (f"{printable(hook.name)}  ", "text"),
        (f"{ended}  ", tone),
        (f"{took(hook.duration_us)}  ", "dim"),
    )
    written = hook.stderr.splitlines()[-_MOST_STDERR:]
    room = max(0, width - 4)
    return [
        fitted((*left, (printable(hook.path), "dim")), width),
        *[(("  │ ", "track"), (clipped(printable(text), room), "text")) for text in written],
    ]
