"""The text of a config.json with the colours of JSON, in the theme's own tones."""

from __future__ import annotations

from typing import cast

from rich.text import Text
from textual.widgets import TextArea

from tuicontainer.tui.documents import json_line
from tuicontainer.tui.palette import Colored

_LONGEST = 1000
"""Characters; a longer line is shown without colours, which would be looked for at each stroke."""


class ConfigArea(TextArea):
    """Edits JSON: tab leaves it, indentation is two blanks."""

    def __init__(self, *, id: str) -> None:
        super().__init__(
            id=id, soft_wrap=False, show_line_numbers=True, tab_behavior="focus", compact=True
        )
        self.indent_width = 2
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        """Return a line, coloured."""
        line = super().get_line(line_index)
        if len(line.plain) <= _LONGEST:
            palette = cast("Colored", self.app).palette
            place = 0
            for text, tone in json_line(line.plain):
                line.stylize(palette.style(tone, "ground"), place, place + len(text))
                place += len(text)
        return line

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor on a place, both counted from 1, as near as the text has it."""
        row = min(line, self.document.line_count) - 1
        length = len(self.document.get_line(row))
        self.move_cursor((row, min(column - 1, length)), center=True)
