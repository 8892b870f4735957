"""Dialogs and toasts: how the conductor asks and tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from textual.screen import Screen

from tuicontainer.errors import TuiContainerError
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.quantities import plural
from tuicontainer.tui.spans import Line, clipped

_LISTED = 8
"""Names in a question; more are counted."""
_TOAST_SECONDS = 10


def kind_in_words(kind: str) -> str:
    """Return a failure's kind as people write it: `Failed precondition`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize()


def deletion_lines(views: Sequence[ContainerView]) -> list[Line]:
    """Return what deleting *views* means, one container a line."""
    lines: list[Line] = []
    for view in views[:_LISTED]:
        state = "never started" if view.status == "created" else view.status
        lines.append(((f" {clipped(view.id, 34)}", "strong"), (f"  {state}", "dim")))
    if len(views) > _LISTED:
        lines.append(((f" and {len(views) - _LISTED} more", "dim"),))
    what = "its record and its log are" if len(views) == 1 else "their records and logs are"
    return [*lines, (), ((f" {what} lost; the bundle stays", "text"),)]


class DialogStage:
    """The parts of `conductor.Stage` that need a screen but not its panes."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen

    def work(self, job: Coroutine[Any, Any, None]) -> None:
        """Run *job* beside everything else."""
        self._screen.run_worker(job, group="verbs", exit_on_error=False)

    def ask_delete(self, views: Sequence[ContainerView], then: Callable[[], None]) -> None:
        """Ask whether to delete; call *then* if so."""
        from tuicontainer.tui.screens.confirm import ConfirmDialog

        title = f"Delete {views[0].id}?" if len(views) == 1 else _many(views)
        dialog = ConfirmDialog(title, deletion_lines(views), "Delete")
        self._screen.app.push_screen(dialog, lambda yes: then() if yes else None)

    def ask_signal(self, views: Sequence[ContainerView], then: Callable[[str], None]) -> None:
        """Ask which signal to send; call *then* with its name."""
        from tuicontainer.tui.screens.kill import KillDialog

        dialog = KillDialog(views)
        self._screen.app.push_screen(dialog, lambda name: then(name) if name else None)

    def tell(self, error: TuiContainerError) -> None:
        """Show a failure: its kind, what happened, and what to do."""
        text = f"{error.message}\n→ {error.hint}" if error.hint else error.message
        self._screen.notify(
            text,
            title=kind_in_words(error.kind),
            severity="error",
            timeout=_TOAST_SECONDS,
            markup=False,
        )

    def advise(self, text: str) -> None:
        """Say why a key does nothing now."""
        self._screen.notify(text, severity="warning", timeout=4, markup=False)


def _many(views: Sequence[ContainerView]) -> str:
    return f"Delete {plural(len(views), 'container')}?"
