"""Which signal to send; KILL is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.widget import Widget

from tuicontainer.record import Record
from tuicontainer.spec.signals import NUMBERS
from tuicontainer.tui.screens.dialog import Dialog
from tuicontainer.tui.widgets.columns import Column
from tuicontainer.tui.widgets.table import Table


class Signal(Record):
    """One signal and what programs usually make of it."""

    name: str
    meaning: str


SIGNALS = (
    Signal(name="KILL", meaning="ends it at once; can't be refused"),
    Signal(name="TERM", meaning="asks it to end"),
    Signal(name="INT", meaning="as ctrl+c in a terminal"),
    Signal(name="QUIT", meaning="ends it with a core dump"),
    Signal(name="HUP", meaning="many servers read their settings again"),
    Signal(name="USR1", meaning="what the program makes of it"),
    Signal(name="USR2", meaning="what the program makes of it"),
    Signal(name="STOP", meaning="stops it until CONT"),
    Signal(name="CONT", meaning="lets it go on after STOP"),
    Signal(name="ABRT", meaning="ends it as a failure of its own"),
    Signal(name="WINCH", meaning="the window has another size"),
)


class SignalTable(Table[Signal]):
    """The signals, the deadly ones first."""

    COLUMNS: ClassVar[tuple[Column[Signal], ...]] = (
        Column(
            key="name", title="SIGNAL", width=7, rank=0, cell=lambda signal: ((signal.name, "key"),)
        ),
        Column(
            key="number",
            title="NO",
            width=3,
            rank=2,
            right=True,
            cell=lambda signal: ((str(NUMBERS[signal.name]), "dim"),),
        ),
        Column(
            key="meaning",
            title="WHAT IT DOES",
            width=14,
            most=60,
            rank=1,
            cell=lambda signal: ((signal.meaning, "text"),),
        ),
    )

    def key_of(self, item: Signal) -> str:
        """Return its name."""
        return item.name

    def words_of(self, item: Signal) -> str:
        """Return its name."""
        return item.name.lower()


class KillDialog(Dialog[str]):
    """Choose a signal for containers or for one process."""

    def __init__(self, whom: str) -> None:
        super().__init__(f"Send a signal to {whom}", ("Send", "Cancel"), harmful=True)
        self._table = SignalTable(id="signals")
        self._table.set_items(SIGNALS)

    def content(self) -> Sequence[Widget]:
        """Return the signals."""
        return [self._table]

    def on_mount(self) -> None:
        """Give the keys to the list."""
        self._table.focus()

    def accepted(self) -> str:
        """Return the chosen signal's name."""
        return self._table.cursor_key or "KILL"

    def on_table_opened(self) -> None:
        """A signal was clicked twice."""
        self.action_accept()
