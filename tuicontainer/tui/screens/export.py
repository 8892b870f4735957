"""Saving what the history shows; the name's ending says in which format."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.widgets import Input

from tuicontainer.engine.export import History, csv_lines, json_lines
from tuicontainer.tui.screens.save import SaveDialog, propose_path

if TYPE_CHECKING:
    from tuicontainer.tui.screens.browser import Browser


class ExportDialog(SaveDialog):
    """Writes a container's history as CSV, or as JSON if the name ends so."""

    def __init__(self, path: str, container_id: str, history: History) -> None:
        """Propose *path* for the *history* of a container."""
        super().__init__(path, lambda: csv_lines(history))
        self._container_id = container_id
        self._history = history

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Choose the format; the base, which Textual calls next, writes the file."""
        if message.value.strip().endswith(".json"):
            self._texts = self._json
        else:
            self._texts = self._csv

    def _json(self) -> Iterator[str]:
        return json_lines(self._container_id, self._history)

    def _csv(self) -> Iterator[str]:
        return csv_lines(self._history)


def save_history(screen: Browser) -> None:
    """Ask where to write the history of the container that the details are of."""
    engine, (kind, key) = screen.painter.engine, screen.filler.subject
    history = () if engine is None or kind != "container" else engine.stats_history(key)
    if not history:
        screen.stage.advise("nothing was measured yet")
        return

    def then(path: str | None) -> None:
        if path:
            screen.notify(f"saved {len(history)} samples to {path}", timeout=4, markup=False)

    stem, _ = os.path.splitext(propose_path(f"{key}-history", screen.model.now_ns()))
    screen.app.push_screen(ExportDialog(f"{stem}.csv", key, history), then)
