"""A container's timeline as text for people. Pure."""

from __future__ import annotations

from tuicontainer.cli.output import printable
from tuicontainer.cli.tables import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuicontainer.supervise.timelines import HookStep, Operation

_NUMBER = 11
_HEADINGS = ("AT".rjust(_NUMBER), "TOOK".rjust(_NUMBER), "PROCESS", "STEP")


def timeline_text(container_id: str, operations: Iterable[Operation]) -> str:
    """Return a table of the steps of each operation, with the hooks that were run beneath."""
    blocks = [_block(operation) for operation in operations]
    if not blocks:
        return f"{container_id}: no times are known of this instance\n"
    return f"{container_id}\n\n" + "\n".join(blocks)


def _block(operation: Operation) -> str:
    title = f"{operation.operation} instance {operation.instance}"
    text = f"{title}: {_milliseconds(operation.duration_us)}\n"
    if operation.error:
        text += f"failed: {printable(operation.error)}\n"
    rows = [
        (
            _milliseconds(step.start_us).rjust(_NUMBER),
            _milliseconds(step.duration_us).rjust(_NUMBER),
            step.process,
            step.step,
        )
        for step in operation.steps
    ]
    text += render(_HEADINGS, rows)
    return text + "".join(_hook_text(hook) for hook in operation.hooks)


def _hook_text(hook: HookStep) -> str:
    ended = printable(hook.error) or "exit status 0"
    text = f"{hook.name} `{printable(hook.path)}`: {ended}, {_milliseconds(hook.duration_us)}\n"
    return text + "".join(f"  {printable(line)}\n" for line in hook.stderr.splitlines())


def _milliseconds(microseconds: int) -> str:
    return f"{microseconds / 1000:.1f} ms"
