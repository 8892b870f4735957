"""Dialogs and toasts: how the conductor asks and tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from textual.screen import Screen

from tuicontainer.errors import TuiContainerError
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.spans import Line

_TOAST_SECONDS = 10


def kind_in_words(kind: str) -> str:
    """Return a failure's kind as people write it: `Failed precondition`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize()


class DialogStage:
    """The parts of `conductor.Stage` that need a screen but not its panes."""

    def __init__(self, screen: Screen[None], undo: Callable[[], float]) -> None:
        """Ask and tell on *screen*; *undo* returns the seconds in which a delete is taken back."""
        self._screen = screen
        self._undo = undo

    def work(self, job: Coroutine[Any, Any, None]) -> None:
        """Run *job* beside everything else."""
        self._screen.run_worker(job, group="verbs", exit_on_error=False)

    def ask(
        self,
        verb: str,
        views: Sequence[ContainerView],
        then: Callable[[], None],
        *,
        typed: bool = False,
    ) -> None:
        """Show what *verb* would do to each of *views*; call *then* if that is wanted.

        With *typed* a single container's id must be typed, or the verb for several.
        """
        from tuicontainer.tui.preview import preview_lines, preview_title
        from tuicontainer.tui.screens.confirm import ConfirmDialog
        from tuicontainer.tui.screens.name import NameDialog

        title, lines = preview_title(verb, views), preview_lines(verb, views, self._undo())
        dialog: Screen[bool] = ConfirmDialog(title, lines, verb.capitalize())
        if typed:
            dialog = NameDialog(title, lines, views[0].id if len(views) == 1 else verb)
        self._screen.app.push_screen(dialog, lambda yes: then() if yes else None)

    def ask_signal(self, whom: str, then: Callable[[str], None]) -> None:
        """Ask which signal to send to *whom*; call *then* with its name."""
        from tuicontainer.tui.screens.kill import KillDialog

        dialog = KillDialog(whom)
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

    def ask_word(
        self, title: str, lines: Sequence[Line], word: str, then: Callable[[], None]
    ) -> None:
        """Say what will happen; call *then* once *word* was typed."""
        from tuicontainer.tui.screens.name import NameDialog

        dialog = NameDialog(title, lines, word)
        self._screen.app.push_screen(dialog, lambda yes: then() if yes else None)

    def report(self, title: str, text: str) -> None:
        """Say what came of something."""
        self._screen.notify(text, title=title, timeout=4, markup=False)

    def advise(self, text: str) -> None:
        """Say why a key does nothing now."""
        self._screen.notify(text, severity="warning", timeout=4, markup=False)
