"""The application: themes, the engine's session, the terminal given away and taken back."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SuspendNotSupported
from textual.binding import BindingType
from textual.command import Provider
from textual.screen import Screen

from tuicontainer.engine.api import Engine
from tuicontainer.errors import InvalidArgument, describe_failure
from tuicontainer.tui.command_lines import verb_line
from tuicontainer.tui.keymap import check_keys
from tuicontainer.tui.model import Model
from tuicontainer.tui.preferences import Preferences
from tuicontainer.tui.screens.main import MainScreen
from tuicontainer.tui.theme_folder import ThemeFolder
from tuicontainer.tui.themes import DEFAULT_THEME, palette_of

_ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end the application in order: the terminal must not be left in raw mode."""

LOOK_AT_THEMES = 2.0
"""Seconds between looks at the person's theme files."""
if TYPE_CHECKING:
    from tuicontainer.engine.recording_file import RecordingWriter

OpenEngine = Callable[[], AbstractAsyncContextManager[Engine]]


def _palette_commands() -> type[Provider]:
    """Import the palette's commands when the palette is opened first."""
    from tuicontainer.tui.palette_commands import PaletteCommands

    return PaletteCommands


class TuiApp(App[int], inherit_bindings=False):
    """tuicontainer's terminal user interface.

    Attributes:
        model: what is shown.
        saved_preferences: what the person's settings file says.
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
        preferences: Preferences | None = None,
        settings_file: str | None = None,
        recorder: RecordingWriter | None = None,
        replay: bool = False,
    ) -> None:
        """Make the application.

        Args:
            open_engine: opens what is shown.
            now_ns: the clock, nanoseconds since the epoch.
            theme: used where the preferences name none.
            read_only: refuse everything that changes something.
            preferences: what the person has chosen.
            settings_file: where changed preferences are saved; themes are looked for beside it.
            recorder: takes a recording of the session.
            replay: whether what is opened is a recording, to be played.

        Raises:
            InvalidArgument: the preferences name a theme or a key that doesn't exist.
        """
        folder = None if settings_file is None else os.path.dirname(settings_file)
        self._themes = ThemeFolder(None if folder is None else os.path.join(folder, "themes"))
        self._tones: dict[str, Mapping[str, str]] = {}
        super().__init__()
        self.animation_level = "none"
        self._settings_file = settings_file
        chosen = preferences or Preferences()
        self.saved_preferences = chosen.replace(theme=chosen.theme or theme)
        self.model = Model(now_ns, read_only=read_only, preferences=self.saved_preferences)
        self._open_engine = open_engine
        self._recorder = recorder
        self._replay = replay
        self.use_theme(self.preferences.theme)
        check_keys(self.preferences.effective_keys)
        self.set_keymap(self.preferences.effective_keys)
        self.main = MainScreen(self.model)

    # What the person chose

    @property
    def preferences(self) -> Preferences:
        """What holds now, saved or not."""
        return self.model.preferences

    def use_preferences(self, preferences: Preferences) -> None:
        """Let other preferences hold from now on.

        Raises:
            InvalidArgument: they name a theme that can't be used, or keys that clash; nothing
                is changed then.
        """
        check_keys(preferences.effective_keys)
        if preferences.theme != self.theme:
            self.use_theme(preferences.theme)
        self.model.preferences = preferences
        self.set_keymap(preferences.effective_keys)
        self.main.preferences_changed()

    def save_preferences(self) -> str:
        """Write what differs from the saved preferences; return the file's path.

        Raises:
            FailedPrecondition: there is no settings file, the person having no home.
            InvalidArgument, Unsupported, PermissionDenied: the file can't be read or changed.
        """
        from tuicontainer.tui.saving import save_changes

        path = save_changes(self._settings_file, self.preferences, self.saved_preferences)
        self.saved_preferences = self.preferences
        return path

    def choose_theme(self, name: str) -> None:
        """Change the colours for this session."""
        self.use_preferences(self.preferences.replace(theme=name))

    # Colours

    def theme_names(self) -> list[str]:
        """Return all themes, our own first."""
        own = self._themes.names
        return own + sorted(name for name in self.available_themes if name not in own)

    def use_theme(self, name: str, *, again: bool = False) -> None:
        """Change the colours.

        Args:
            name: of the theme.
            again: read its file although it is in use.

        Raises:
            InvalidArgument: there is no such theme, or its file can't be used.
        """
        if again or name not in self._tones:
            found = self._themes.read(name)
            if found is not None:
                self._tones[name] = found.tones
                self.register_theme(found.theme)
        if name not in self.available_themes:
            raise InvalidArgument(
                f"unknown theme `{name}`", hint=f"one of {', '.join(self.theme_names())}"
            )
        if again and name == self.theme:
            self.refresh_css(animate=False)
            self.screen.refresh(layout=True)
            self._invalidate_css()
            self.get_css_variables()
            self.main.refresh_colors()
        self.theme = name

    def look_at_themes(self) -> None:
        """Use themes of the person's folder as they are now; tell what is wrong with one."""
        for name in self._themes.changes():
            self._tones.pop(name, None)
            if name != self.theme:
                continue
            try:
                self.use_theme(name, again=True)
            except InvalidArgument as error:
                self.main.tell(error)

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's variables, and give drawn widgets the same colours."""
        variables = super().get_css_variables()
        theme = self.current_theme
        self.palette = palette_of(theme, variables, self._tones.get(theme.name, {}))
        return variables

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        """Leave every key to a terminal that has the keys, ctrl+q and ctrl+p too."""
        return not self.main.terminals.typing

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
        if self._settings_file is not None:
            self.set_interval(LOOK_AT_THEMES, self.look_at_themes)

    async def _session(self) -> None:
        # Nobody waits for these before the first paint.
        from tuicontainer.tui.session import run_session

        try:
            async with self._open_engine() as engine:
                await run_session(self, engine, recorder=self._recorder, replay=self._replay)
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
