"""The base of all our drawn widgets: lines of toned spans, cached strips, partial repaints.

Textual's own DataTable draws all visible rows when one cell changes (its caches are keyed by a
global update count), which costs a fifth of a core for fifty rows once a second. Here a line is
drawn again only if it changed, and only its region is repainted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tuicontainer.tui.keymap import SCROLLING
from tuicontainer.tui.palette import Colored
from tuicontainer.tui.spans import Line, plain, width_of


class LineView(ScrollView, can_focus=True):
    """A scrollable list of lines.

    Subclasses either call `show` with all lines, or override `line_count` and `line_at`.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(SCROLLING)
    FOLLOWS_WIDTH: ClassVar[bool] = False
    """Lines are made for the present width, so there is nothing to scroll sideways to."""
    FIXED: ClassVar[int] = 0
    """Lines at the top that don't scroll, drawn by `fixed_line`."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._widest = 0

    # What is drawn

    def line_count(self) -> int:
        """Return how many lines there are."""
        return len(self._lines)

    def line_at(self, index: int) -> Line:
        """Return one line."""
        return self._lines[index]

    def fixed_line(self, y: int, width: int) -> Line:
        """Return one of the lines that don't scroll."""
        raise NotImplementedError

    def ground_at(self, index: int) -> str:  # noqa: ARG002 - rows of a table differ
        """Return the name of one line's background."""
        return "ground"

    def show(self, lines: Sequence[Line]) -> None:
        """Show *lines* instead of the present ones, repainting those that differ."""
        old = self._lines
        self._lines = list(lines)
        if len(old) != len(lines):
            self._strips.clear()
            self.refresh()
        else:
            for index, line in enumerate(lines):
                if line != old[index]:
                    self.repaint_line(index)
        if not self.FOLLOWS_WIDTH:
            self._widest = max(map(width_of, lines), default=0)
        self.resize_content()

    def repaint_line(self, index: int) -> None:
        """Draw one line again."""
        self._strips.pop(index, None)
        self.refresh_line(index + self.FIXED)

    def repaint(self) -> None:
        """Draw everything again."""
        self._strips.clear()
        self.refresh()

    def resize_content(self) -> None:
        """Tell the scroll bars how much there is; costs a layout, so only when it changed."""
        size = Size(0 if self.FOLLOWS_WIDTH else self._widest, self.line_count() + self.FIXED)
        if size != self.virtual_size:
            self.virtual_size = size

    def render_line(self, y: int) -> Strip:
        """Return the strip of one line of the viewport."""
        scroll_x, scroll_y = self.scroll_offset
        index, width = y + scroll_y - self.FIXED, self.scrollable_content_region.width
        if y < self.FIXED:
            return self.draw(self.fixed_line(y, width), "ground-head", width)
        if index >= self.line_count():
            return Strip.blank(width, self.style_of("text", "ground"))
        strip = self._strips.get(index)
        if strip is None:
            strip = self.draw(self.line_at(index), self.ground_at(index), width)
            if len(self._strips) > 2048:
                self._strips.clear()
            self._strips[index] = strip
        blank = self.style_of("text", self.ground_at(index))
        strip = strip.crop_extend(scroll_x, scroll_x + width, blank)
        if not self.allow_select:
            return strip
        selection = self.text_selection
        if selection is not None:
            strip = self._with_selection(strip, selection, index, scroll_x)
        return strip.apply_offsets(scroll_x, index)

    def draw(self, line: Line, ground: str, width: int) -> Strip:
        """Return *line* as a strip at least *width* columns wide."""
        used = width_of(line)
        segments: list[Segment] = []
        for text, tone in (*line, (" " * max(0, width - used), "text")):
            style = self.style_of(tone, ground)
            if segments and segments[-1].style is style:
                # Fewer segments are fewer escape sequences, over ssh too.
                segments[-1] = Segment(segments[-1].text + text, style)
            elif text:
                segments.append(Segment(text, style))
        return Strip(segments, max(used, width))

    def style_of(self, tone: str, ground: str) -> Style:
        """Return the theme's colours of *tone* on *ground*."""
        return cast("Colored", self.app).palette.style(tone, ground)

    # Selecting text

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, for copying."""
        text = "\n".join(plain(self.line_at(index)) for index in range(self.line_count()))
        return selection.extract(text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - redrawn whole
        """Show the selection as it grows."""
        self.refresh()

    def _with_selection(self, strip: Strip, selection: Selection, index: int, left: int) -> Strip:
        span = selection.get_span(index)
        if span is None:
            return strip
        start, end = max(0, span[0] - left), strip.cell_length
        if span[1] != -1:
            end = min(end, span[1] - left)
        if start >= end:
            return strip
        style = self.screen.get_component_rich_style("screen--selection")
        before, selected, after = strip.divide([start, end, strip.cell_length])
        return Strip.join([before, selected.apply_style(style), after])

    # What Textual tells

    def notify_style_update(self) -> None:
        """Forget colours: theme or focus changed."""
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.repaint()

    # Moving

    def action_line_up(self) -> None:
        """Move the view one line up."""
        self.scroll_relative(y=-1, animate=False)

    def action_line_down(self) -> None:
        """Move the view one line down."""
        self.scroll_relative(y=1, animate=False)

    def action_page(self, pages: float) -> None:
        """Move the view by a share of its height; negative is up."""
        self.scroll_relative(y=int(pages * max(1, self.size.height)), animate=False)

    def action_top(self) -> None:
        """Go to the first line."""
        self.scroll_home(animate=False)

    def action_bottom(self) -> None:
        """Go to the last line."""
        self.scroll_end(animate=False)

    def action_sideways(self, columns: int) -> None:
        """Move the view left (negative) or right."""
        self.scroll_relative(x=columns, animate=False)
