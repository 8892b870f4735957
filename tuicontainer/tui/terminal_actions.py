"""What keys do with terminals in the pane; the main screen has one of these."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tuicontainer.tui.command_lines import verb_line
from tuicontainer.tui.keymap import shown_keys

if TYPE_CHECKING:
    from tuicontainer.engine.api import Engine, TerminalSession
    from tuicontainer.supervise.views import ContainerView
    from tuicontainer.tui.screens.actions import ActingScreen
    from tuicontainer.tui.widgets.terminal import TerminalView

SHELL = "/bin/sh"
_ENVIRONMENT = ("TERM=xterm-256color", "COLORTERM=truecolor")
LEAVE = "ctrl+right_square_bracket"
ACTIONS = frozenset(("close_terminal", "record_terminal"))
"""Those that need the keys to be in the pane of terminals."""


class TerminalActions:
    """Opens, leaves, records and closes terminals."""

    def __init__(self, screen: ActingScreen) -> None:
        self._screen = screen
        self._numbers: dict[TerminalView, int] = {}
        """Of the activity that a terminal is, while its program runs."""

    @property
    def here(self) -> bool:
        """Whether the keys are in the pane of terminals."""
        return self._screen.panes.current == "terminals"

    def open(self, verb: str, view: ContainerView, engine: Engine) -> None:
        """Open a shell in a container (`exec`), or attach to its own program."""
        screen = self._screen
        keys = screen.model.preferences.effective_keys.get("terminal.leave", LEAVE)
        screen.terminals.leave_key = shown_keys(keys)
        title = f"{view.id}: sh" if verb == "exec" else view.id
        number = screen.model.activity.begin(verb_line(verb, (view.id,), screen.model.info))
        screen.changed("activity")
        opened = screen.terminals.open(title, partial(_open, engine, verb, view.id))
        self._numbers[opened] = number
        self.type()

    def type(self) -> None:
        """Let keys go to the program in front."""
        front = self._screen.terminals.front
        if front is not None:
            self._screen.focus_pane("terminals")
            front.set_typing(typing=True)
            self._screen.refresh_bindings()

    def leave(self) -> None:
        """Take the keys back from the program, which goes on."""
        front = self._screen.terminals.front
        if front is not None:
            front.set_typing(typing=False)
        self._screen.refresh_bindings()

    def close(self) -> None:
        """Close the terminal in front."""
        front = self._screen.terminals.front
        if front is not None:
            self.gone(front)

    def gone(self, view: TerminalView, failure: str = "") -> None:
        """Take a terminal away."""
        screen = self._screen
        self.ended(view, failure)
        here = self.here
        screen.terminals.close(view)
        if not screen.terminals.views:
            screen.panes.drop_terminals()
            if here:
                screen.focus_pane("containers")
        elif here:
            screen.focus_pane("terminals")

    def ended(self, view: TerminalView, failure: str = "") -> None:
        """Note that a terminal's program has ended: keys are ours again."""
        view.set_typing(typing=False)
        self._screen.refresh_bindings()
        number = self._numbers.pop(view, None)
        if number is not None:
            self._screen.model.activity.end(number, failure)
            self._screen.changed("activity")

    def record(self) -> None:
        """Begin to record the terminal in front, or stop."""
        front = self._screen.terminals.front
        link = None if front is None else front.link
        if front is None or link is None or link.over:
            self._screen.stage.advise("there is no program to record")
        elif link.recorder is not None:
            link.record(None)
            self._screen.terminals.show_frame()
            self._screen.notify("the recording is complete", timeout=3)
        else:
            self._ask_where(front)

    def _ask_where(self, view: TerminalView) -> None:
        from tuicontainer.tui.screens.save import RecordDialog, propose_path
        from tuicontainer.tui.terminal.asciicast import Recorder

        link = view.link
        assert link is not None

        def then(descriptor: int | None) -> None:
            if descriptor is not None:
                link.record(Recorder(descriptor, link.screen, view.title))
                self._screen.terminals.show_frame()

        name = "".join(sign if sign.isalnum() else "-" for sign in view.title)
        path = propose_path(name, self._screen.model.now_ns(), ".cast")
        self._screen.app.push_screen(RecordDialog(path), then)


async def _open(
    engine: Engine, verb: str, container_id: str, rows: int, columns: int
) -> TerminalSession:
    container = await engine.container(container_id)
    if verb == "attach":
        return await container.attach(rows=rows, columns=columns)
    return await container.exec_terminal([SHELL], rows=rows, columns=columns, env=_ENVIRONMENT)
