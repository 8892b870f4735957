"""All settings in one list: changed in place, seen at once, saved on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from tuicontainer.errors import InvalidArgument, TuiContainerError
from tuicontainer.tui.preferences import Preferences
from tuicontainer.tui.settings_rows import Row, setting_rows
from tuicontainer.tui.widgets.columns import Column
from tuicontainer.tui.widgets.container_columns import CONTAINER_COLUMNS
from tuicontainer.tui.widgets.filter_line import FilterLine
from tuicontainer.tui.widgets.table import Table

if TYPE_CHECKING:
    from tuicontainer.tui.app import TuiApp

_KEYS = "enter ← → change · / filter · backspace undoes · ctrl+s saves · esc closes"


class SettingsTable(Table[Row]):
    """One setting a row."""

    COLUMNS: ClassVar[tuple[Column[Row], ...]] = (
        Column(
            key="section",
            title="SECTION",
            width=10,
            rank=3,
            cell=lambda row: ((row.section, "dim"),),
            value=lambda row: row.section,
        ),
        Column(
            key="name",
            title="SETTING",
            width=16,
            most=22,
            rank=0,
            cell=lambda row: ((row.name, "text"),),
            value=lambda row: row.name,
        ),
        Column(
            key="value",
            title="VALUE",
            width=12,
            most=18,
            rank=1,
            cell=lambda row: ((row.value, "key"),),
            value=lambda row: row.value,
        ),
        Column(
            key="what",
            title="WHAT IT IS",
            width=12,
            most=60,
            rank=2,
            cell=lambda row: ((row.what, "dim"),),
            value=lambda row: row.what,
        ),
    )

    def key_of(self, item: Row) -> str:
        """Return its section and name."""
        return item.key

    def words_of(self, item: Row) -> str:
        """Return all of its texts."""
        return f"{item.section} {item.name} {item.value} {item.what}".lower()


class SettingsScreen(ModalScreen[None]):
    """Changes the application's preferences; what isn't saved holds until it is left."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "close", id="settings.close", priority=True),
        Binding("enter,space,right,l", "change(1)", "next value", id="settings.next"),
        Binding("left,h", "change(-1)", "previous value", id="settings.previous"),
        Binding("backspace,delete", "reset", "as it was saved", id="settings.reset"),
        Binding("slash", "filter", "filter", id="settings.filter"),
        Binding("ctrl+s", "save", "save", id="settings.save", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._table = SettingsTable(id="settings-table")
        self._waits_for: Row | None = None
        """The key that is pressed next becomes this binding's."""
        self._line: FilterLine | None = None

    def compose(self) -> ComposeResult:
        """Yield the box."""
        self._box = Vertical(self._table, id="settings")
        self._box.border_title = "Settings"
        yield self._box

    def on_mount(self) -> None:
        """Show the settings."""
        self._table.focus()
        self._show()

    @property
    def _tui(self) -> TuiApp:
        return cast("TuiApp", self.app)

    def _show(self, note: str = "") -> None:
        names = [column.key for column in CONTAINER_COLUMNS]
        self._table.set_items(setting_rows(self._tui.preferences, self._tui.theme_names(), names))
        unsaved = self._tui.preferences != self._tui.saved_preferences
        self._box.border_title = Content("Settings · not saved" if unsaved else "Settings")
        self._box.border_subtitle = Content(note or _KEYS)

    def _use(self, preferences: Preferences) -> None:
        try:
            self._tui.use_preferences(preferences)
        except InvalidArgument as error:
            self._show(error.message)
        else:
            self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave all keys to the filter line, or to the binding that waits for one."""
        if self._line is not None or self._waits_for is not None:
            return False
        return super().check_action(action, parameters)

    def action_change(self, by: int) -> None:
        """Give the setting its next value, or wait for a key."""
        row = self._table.current
        if row is None:
            return
        if row.turn is not None:
            self._use(row.turn(self._tui.preferences, by))
            return
        self._waits_for = row
        self._show(f"press the new key for {row.name} · esc leaves it")

    def on_key(self, event: events.Key) -> None:
        """Take a key for the binding that waits for one."""
        row, self._waits_for = self._waits_for, None
        if row is None:
            return
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self._show()
            return
        preferences = self._tui.preferences
        self._use(preferences.replace(keys={**preferences.keys, row.binding: event.key}))

    def action_reset(self) -> None:
        """Give the setting the value that is saved."""
        row = self._table.current
        if row is None:
            return
        now, saved = self._tui.preferences, self._tui.saved_preferences
        if row.binding:
            keys = {name: key for name, key in now.keys.items() if name != row.binding}
            if row.binding in saved.keys:
                keys[row.binding] = saved.keys[row.binding]
            self._use(now.replace(keys=keys))
            return
        for _ in range(64):
            names = [column.key for column in CONTAINER_COLUMNS]
            before = setting_rows(saved, self._tui.theme_names(), names)
            present = setting_rows(now, self._tui.theme_names(), names)
            wanted = next(one.value for one in before if one.key == row.key)
            if row.turn is None or next(o.value for o in present if o.key == row.key) == wanted:
                break
            now = row.turn(now, 1)
        self._use(now)

    def action_filter(self) -> None:
        """Open the filter line."""
        self._line = FilterLine(self._table.filter, "filter", self._filtered)
        self._box.mount(self._line)
        self.set_focus(self._line)

    def on_input_changed(self, message: Input.Changed) -> None:
        """The filter is being typed."""
        self._set_filter(message.value)

    def _set_filter(self, text: str) -> None:
        try:
            self._table.set_filter(text)
        except InvalidArgument as error:
            self._show(error.message)

    def _filtered(self, text: str | None) -> None:
        line, self._line = self._line, None
        self._set_filter(text or "")
        self.set_focus(self._table)
        if line is not None:
            line.remove()

    def action_save(self) -> None:
        """Write what was changed to the person's settings file."""
        try:
            path = self._tui.save_preferences()
        except TuiContainerError as error:
            self._show(f"{error.message} {error.hint}".strip())
        else:
            self._show(f"saved to {path}")

    def action_close(self) -> None:
        """Close; what isn't saved holds until the application is left."""
        self.dismiss(None)
