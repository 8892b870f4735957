"""A list of items with columns, a cursor, a filter, an order and marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic

from textual import events
from textual.geometry import Region
from textual.message import Message

from tuicontainer.tui.spans import Line, wrapped
from tuicontainer.tui.widgets.columns import (
    Column,
    ItemT,
    Layout,
    column_at,
    join,
    join_titles,
    lay_out,
    sort_items,
)
from tuicontainer.tui.widgets.lines import LineView

if TYPE_CHECKING:
    from textual.timer import Timer

    from tuicontainer.tui.query import Query

HOLD = 2.0
"""Seconds for which rows keep their places after the cursor moved."""


class Table(LineView, Generic[ItemT]):
    """Items in rows. The cursor stays with its item when others come, go or change places.

    Subclasses say what the columns are, what identifies an item and what a filter looks at.
    """

    ALLOW_SELECT = False
    FOLLOWS_WIDTH = True
    FIXED = 1
    COLUMNS: ClassVar[Sequence[Column]] = ()  # type: ignore[type-arg]
    NATURAL: ClassVar[str] = ""
    """Name of the order at the start, that of `natural_order`."""
    ALIASES: ClassVar[Mapping[str, str]] = {}
    """Shorter names of columns in a filter."""

    class Highlighted(Message):
        """The cursor is on another item, or on none."""

        def __init__(self, table_id: str | None, key: str | None) -> None:
            super().__init__()
            self.table_id = table_id
            self.key = key

    class Opened(Message):
        """An item was clicked twice."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.all_items: Sequence[ItemT] = ()
        self.items: list[ItemT] = []
        """Those that the filter lets pass, in the chosen order."""
        self.cursor = 0
        self.cursor_key: str | None = None
        self.wanted_key: str | None = None
        """Becomes current as soon as there is an item with this key."""
        self.marks: set[str] = set()
        self.columns: Sequence[Column[ItemT]] = self.COLUMNS
        """Those that are shown where there is room."""
        self.order = self.NATURAL
        self.reverse = False
        self.empty: tuple[str, ...] = ()
        """Paragraphs that are shown instead of no item."""
        self._query: Query[ItemT] | None = None
        self._anchor: str | None = None
        """What was marked last: a range begins there."""
        self._held: dict[str, int] | None = None
        """Places by key while the order stands still."""
        self._release: Timer | None = None
        self._layout: Layout[ItemT] = []
        self._drawn: dict[int, Line] = {}

    # For subclasses

    def key_of(self, item: ItemT) -> str:
        """Return what identifies *item*."""
        raise NotImplementedError

    def words_of(self, item: ItemT) -> str:
        """Return the text, in lower case, that a filter looks at."""
        raise NotImplementedError

    def natural_order(self, items: list[ItemT]) -> list[ItemT]:
        """Return *items* as they stand before a person chooses a column."""
        return items

    # Items

    def set_items(self, items: Sequence[ItemT]) -> None:
        """Show *items*; only rows that look different are drawn again."""
        self.all_items = items
        keys = {self.key_of(item) for item in items}
        self.marks &= keys
        self._arrange()

    @property
    def filter(self) -> str:
        """What was typed into the filter line; empty if everything passes."""
        return "" if self._query is None else self._query.text

    def set_filter(self, text: str) -> None:
        """Show only the items that *text* lets pass (see `query`).

        Raises:
            InvalidArgument: it means nothing; the filter stays as it was.
        """
        text = text.strip()
        if text == self.filter:
            return
        if text:
            # Its regular expressions are compiled when a filter is typed, not at the start.
            from tuicontainer.tui.query import Field, parse_query

            fields = {
                column.key: Field(name=column.key, unit=column.unit, read=column.value)
                for column in self.COLUMNS
                if column.value is not None
            }
            short = [fields[key].replace(name=name) for name, key in self.ALIASES.items()]
            self._query = parse_query(text, [*fields.values(), *short])
        else:
            self._query = None
        self._arrange()

    def _arrange(self) -> None:
        query = self._query
        shown = [
            item
            for item in self.all_items
            if query is None or query.passes(item, self.words_of(item))
        ]
        self.items = self._ordered(shown)
        self._find_cursor()
        self._repaint_changes()
        self.resize_content()

    def _ordered(self, items: list[ItemT]) -> list[ItemT]:
        items = self.natural_order(items)
        column = self._sorting
        if column is None:
            return items[::-1] if self.reverse else items
        if self._held is not None and self.wanted_key is None:
            places, last = self._held, len(self._held)
            return sorted(items, key=lambda item: places.get(self.key_of(item), last))
        return sort_items(column, items, falling=column.falls != self.reverse)

    @property
    def _sorting(self) -> Column[ItemT] | None:
        """The column that gives the order."""
        return next((column for column in self.COLUMNS if column.key == self.order), None)

    def _hold(self) -> None:
        """Let no row change its place for a while: somebody is going to one."""
        if self._sorting is None:
            return
        self._held = {self.key_of(item): place for place, item in enumerate(self.items)}
        if self._release is None:
            self._release = self.set_timer(HOLD, self._let_go)
        else:
            self._release.reset()

    def _let_go(self) -> None:
        self._held = self._release = None
        self._arrange()

    def _find_cursor(self) -> None:
        """Keep the cursor on its item; if that is gone, on the one that took its place."""
        keys = [self.key_of(item) for item in self.items]
        if self.wanted_key in keys:
            self.cursor_key, self.wanted_key = self.wanted_key, None
        if self.cursor_key in keys:
            self._set_cursor(keys.index(self.cursor_key))
        else:
            self._set_cursor(min(self.cursor, len(keys) - 1))

    def _repaint_changes(self) -> None:
        count = self.line_count()
        for index, line in list(self._drawn.items()):
            if index >= count:
                del self._drawn[index]
                self.repaint_line(index)
            elif self._line(index) != line:
                self.repaint_line(index)
        first = round(self.scroll_y)
        for index in range(first, min(count, first + self.size.height)):
            if index not in self._drawn:
                self.repaint_line(index)

    # Drawing

    def line_count(self) -> int:
        """Return the rows, or the lines of the text that stands for none."""
        return len(self.items) or len(self._empty_lines())

    def line_at(self, index: int) -> Line:
        """Return one row, remembering how it looked."""
        line = self._line(index)
        self._drawn[index] = line
        return line

    def _line(self, index: int) -> Line:
        if not self.items:
            return self._empty_lines()[index]
        if not self._layout:
            self._lay_out()
        item = self.items[index]
        mark = "▌" if self.key_of(item) in self.marks else " "
        return ((mark, "accent"), *join(self._layout, item, self._gap))

    def fixed_line(self, y: int, width: int) -> Line:  # noqa: ARG002 - one line, laid out for the width
        """Return the heading."""
        if not self.items:
            return ()
        if not self._layout:
            self._lay_out()
        column = self._sorting
        falling = column is not None and column.falls != self.reverse
        titles = join_titles(self._layout, self._gap, self.order, falling=falling)
        return ((" ", "head"), *titles)

    def ground_at(self, index: int) -> str:
        """Return the background: the cursor's is fainter while another pane has the keys."""
        if index != self.cursor or not self.items:
            return "ground"
        return "ground-cursor" if self.has_focus else "ground-cursor-blurred"

    @property
    def _gap(self) -> int:
        return 2 if self.size.width >= 96 else 1

    def _lay_out(self) -> None:
        self._layout = lay_out(self.columns, self.scrollable_content_region.width - 1, self._gap)

    def _empty_lines(self) -> list[Line]:
        width = max(10, self.scrollable_content_region.width - 2)
        paragraphs = ("nothing matches the filter", "esc clears it") if self.filter else self.empty
        lines: list[Line] = []
        for number, paragraph in enumerate(paragraphs):
            tone = "dim" if number else "text"
            lines += [((f" {text}", tone),) for text in wrapped(paragraph, width)]
            lines.append(())
        return lines

    def repaint(self) -> None:
        """Draw everything again, laid out for the present width."""
        self._layout = []
        self._drawn.clear()
        super().repaint()
        self.resize_content()

    def show_columns(self, keys: Sequence[str]) -> None:
        """Show only columns with these keys, in their order, where there is room; all if none."""
        known = {column.key: column for column in self.COLUMNS}
        self.columns = [known[key] for key in keys] if keys else self.COLUMNS
        self.repaint()

    # The cursor

    @property
    def current(self) -> ItemT | None:
        """The item under the cursor."""
        return self.items[self.cursor] if self.items else None

    def select(self, key: str) -> None:
        """Put the cursor on the item with this key, at once or when it appears."""
        self.wanted_key = key
        self._arrange()

    def move_to(self, index: int) -> None:
        """Put the cursor on a row."""
        if self.items:
            self.wanted_key = None
            self._hold()
            self._set_cursor(max(0, min(index, len(self.items) - 1)))

    def _set_cursor(self, index: int) -> None:
        before, before_key = self.cursor, self.cursor_key
        self.cursor = max(0, index)
        self.cursor_key = self.key_of(self.items[self.cursor]) if self.items else None
        if self.cursor != before:
            self.repaint_line(before)
            self.repaint_line(self.cursor)
            self._show_cursor()
        if self.cursor_key != before_key:
            self.post_message(self.Highlighted(self.id, self.cursor_key))

    def _show_cursor(self) -> None:
        rows = max(1, self.scrollable_content_region.height - self.FIXED)
        top = round(self.scroll_target_y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + rows:
            # The range grows with the next layout: a row that is new can't be reached yet.
            self.call_after_refresh(self.scroll_to, y=self.cursor - rows + 1, animate=False)

    def on_focus(self) -> None:
        """Show the cursor as the one that has the keys."""
        self.repaint_line(self.cursor)

    def on_blur(self) -> None:
        """Show the cursor as one that waits."""
        self.repaint_line(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Sort by a heading, choose a row, open it with a second click."""
        offset = event.get_content_offset(self)
        if offset is None or not self.items:
            return
        if offset.y < self.FIXED:
            column = column_at(self._layout, offset.x - 1, self._gap)
            if column is not None and column.value is not None:
                self.sort_by(column.key)
            return
        index = offset.y - self.FIXED + round(self.scroll_y)
        if index < len(self.items):
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Opened())

    def action_line_up(self) -> None:
        """Move the cursor up."""
        self.move_to(self.cursor - 1)

    def action_line_down(self) -> None:
        """Move the cursor down."""
        self.move_to(self.cursor + 1)

    def action_page(self, pages: float) -> None:
        """Move the cursor by a share of the visible rows."""
        self.move_to(self.cursor + int(pages * max(1, self.size.height - self.FIXED)))

    def action_top(self) -> None:
        """Move the cursor to the first row."""
        self.move_to(0)

    def action_bottom(self) -> None:
        """Move the cursor to the last row."""
        self.move_to(len(self.items) - 1)

    # Order and marks

    def sort_by(self, order: str) -> None:
        """Sort by a column; by the same column again, the other way round."""
        self.reverse = not self.reverse if order == self.order else False
        self.order = order
        self._held = None
        self._arrange()
        self.refresh(Region(0, 0, self.size.width, self.FIXED))

    def sort_beside(self, by: int) -> None:
        """Sort by the next or the previous column that is shown; before the first: naturally."""
        if not self._layout:
            self._lay_out()
        orders = [self.NATURAL, *(c.key for c, _ in self._layout if c.value is not None)]
        present = orders.index(self.order) if self.order in orders else 0
        self.order = ""
        self.sort_by(orders[(present + by) % len(orders)])

    def toggle_mark(self) -> None:
        """Mark the current item or unmark it, and go on to the next."""
        if self.cursor_key is not None:
            self.marks ^= {self.cursor_key}
            self._anchor = self.cursor_key
            self.repaint_line(self.cursor)
            self.action_line_down()

    def mark_range(self) -> None:
        """Mark everything from what was marked last to the cursor."""
        keys = [self.key_of(item) for item in self.items]
        start = keys.index(self._anchor) if self._anchor in keys else self.cursor
        self.marks |= set(keys[min(start, self.cursor) : max(start, self.cursor) + 1])
        self._repaint_changes()

    def mark_all(self) -> None:
        """Mark all that the filter lets pass, or unmark them if they all are."""
        keys = {self.key_of(item) for item in self.items}
        self.marks = self.marks - keys if keys <= self.marks else self.marks | keys
        self._repaint_changes()

    def clear_marks(self) -> None:
        """Unmark everything."""
        self.marks.clear()
        self._repaint_changes()
