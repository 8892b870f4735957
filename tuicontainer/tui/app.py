"""The application: themes, the engine's session, the terminal given away and taken back."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

from textual.app import App, SuspendNotSupported
from textual.binding import BindingType
from textual.command import Provider
from textual.screen import Screen

from tuicontainer.engine.api import Engine
from tuicontainer.errors import InvalidArgument, describe_failure
from tuicontainer.tui.command_lines import verb_line
from tuicontainer.tui.keymap import check_keys
from tuicontainer.tui.model import Model
from tuicontainer.tui.screens.main import MainScreen
from tuicontainer.tui.themes import DEFAULT_THEME, palette_of, read_theme, theme_files

_ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end the application in order: the terminal must not be left in raw mode."""

OpenEngine = Callable[[], AbstractAsyncContextManager[Engine]]


def _palette_commands() -> type[Provider]:
    """Import the palette's commands when the palette is opened first."""
    from tuicontainer.tui.palette_commands import PaletteCommands

    return PaletteCommands


class TuiApp(App[int], inherit_bindings=False):
    """tuicontainer's terminal user interface.

    Attributes:
        model: what is shown.
        keys: keys by binding id that differ from the defaults.
        palette: the colours of drawn widgets.
    """

    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []
    TITLE = "tuicontainer"
    COMMANDS = {_palette_commands}  # noqa: RUF012 - Textual's own declaration
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        open_engine: OpenEngine,
        *,
        now_ns: Callable[[], int],
        theme: str = DEFAULT_THEME,
        read_only: bool = False,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        self._theme_files = theme_files()
        self._tones: dict[str, Mapping[str, str]] = {}
        super().__init__()
        self.animation_level = "none"
        self.model = Model(now_ns, read_only=read_only)
        self.keys = dict(keys or {})
        self._open_engine = open_engine
        self.use_theme(theme)
        check_keys(self.keys)
        self.set_keymap(self.keys)
        self.main = MainScreen(self.model)

    # Colours

    def theme_names(self) -> list[str]:
        """Return all themes, our own first."""
        own = list(self._theme_files)
        return own + sorted(name for name in self.available_themes if name not in own)

    def use_theme(self, name: str) -> None:
        """Change the colours.

        Raises:
            InvalidArgument: there is no such theme.
        """
        if name in self._theme_files and name not in self._tones:
            found = read_theme(self._theme_files[name])
            self._tones[name] = found.tones
            self.register_theme(found.theme)
        if name not in self.available_themes:
            raise InvalidArgument(
                f"unknown theme `{name}`", hint=f"one of {', '.join(self.theme_names())}"
            )
        self.theme = name

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's variables, and give drawn widgets the same colours."""
        variables = super().get_css_variables()
        theme = self.current_theme
        self.palette = palette_of(theme, variables, self._tones.get(theme.name, {}))
        return variables

    # The session

    def get_default_screen(self) -> Screen[Any]:
        """Return the main screen."""
        return self.main

    def on_mount(self) -> None:
        """Open the engine once the first frame is on the screen."""
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.add_signal_handler(number, self.exit, 0)
        self.call_after_refresh(self._begin_session)

    def _begin_session(self) -> None:
        # What has been made so far stays until the end.
        gc.freeze()
        gc.enable()
        self.run_worker(self._session(), exit_on_error=False)

    async def _session(self) -> None:
        # Nobody waits for these before the first paint.
        from tuicontainer.tui.feed import Feed

        try:
            async with self._open_engine() as engine:
                self.main.connect(engine)
                await Feed(engine, self.model, self.main).run()
                await asyncio.Event().wait()
        except Exception as error:  # noqa: BLE001 - the engine can't be opened: say so, stay open
            self.main.cant_open(describe_failure(error, while_="opening the engine"))

    def enter(self, container_id: str, verb: str) -> None:
        """Give the terminal to a shell in the container, or to its own program."""
        number = self.model.activity.begin(verb_line(verb, (container_id,), self.model.info))
        try:
            self._hand_over(container_id, verb)
        finally:
            self.model.activity.end(number)
            self.main.changed("activity")

    def _hand_over(self, container_id: str, verb: str) -> None:
        from tuicontainer.locations import Locations
        from tuicontainer.tui.handover import own_command, run_attached, run_program

        info = self.model.info
        view = self.model.container(container_id)
        if info is None or view is None:
            return
        try:
            if verb == "exec":
                words = (*own_command(info), "exec", "-i", "-t", container_id, "/bin/sh")
                run_program(self, words, f"{container_id}: /bin/sh · exit or ctrl+d comes back")
                return
            locations = Locations(state_root=info.state_root, data_root=info.data_root)
            way_out = "ctrl+p ctrl+q" if view.terminal else "ctrl+c"
            run_attached(self, locations, container_id, f"{container_id} · {way_out} comes back")
        except SuspendNotSupported:
            self.notify("this terminal can't be handed over", severity="warning")
