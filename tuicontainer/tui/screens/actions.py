"""What the keys of the main screen do; `main` says when they are possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import CreateOptions
from tuicontainer.tui.bundle_actions import BundleActions
from tuicontainer.tui.edit_actions import EditActions
from tuicontainer.tui.filtering import Filtering
from tuicontainer.tui.log_actions import LogActions
from tuicontainer.tui.model import Model
from tuicontainer.tui.screens.browser import Browser
from tuicontainer.tui.terminal_actions import TerminalActions
from tuicontainer.tui.time_travel import TimeTravel
from tuicontainer.tui.widgets.logs import LogView
from tuicontainer.tui.widgets.table import Table

if TYPE_CHECKING:
    from textual.widgets import Input

    from tuicontainer.tui.app import TuiApp
    from tuicontainer.tui.widgets.terminal import TerminalView


class ActingScreen(Browser, inherit_bindings=False):
    """The browser with its actions."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.filtering = Filtering(self)
        self.log_actions = LogActions(self)
        self.edit_actions = EditActions(self)
        self.terminal_actions = TerminalActions(self)
        self.time = TimeTravel(self)

    @property
    def quiet(self) -> bool:
        """Whether nothing is on its way to the screen."""
        return super().quiet and self.edit_actions.quiet

    def is_bundle_start(self, parameters: tuple[object, ...]) -> bool:
        """Return whether a verb with these parameters starts the bundle under the cursor."""
        return parameters == ("start",) and (
            self.panes.current == "bundles" or self.filler.subject[0] != "container"
        )

    @property
    def _tui(self) -> TuiApp:
        return cast("TuiApp", self.app)

    def action_verb(self, verb: str) -> None:
        """Do *verb* to the targets, or start the bundle."""
        if verb == "logs":
            self.details.choose("logs")
            self.focus_pane("details")
        elif verb == "inspect":
            self.details.choose("inspect")
            self.focus_pane("details")
        elif self.is_bundle_start((verb,)):
            if self.current_bundle is not None:
                self.start(self.current_bundle)
        elif verb in ("exec", "attach"):
            if self.painter.engine is not None:
                self.terminal_actions.open(verb, self.targets[0], self.painter.engine)
        elif self.conductor is not None:
            self.conductor.act(verb, self.targets)

    def action_hand_over(self, verb: str) -> None:
        """Give the whole screen to a shell in a container, or to its own program."""
        self._tui.enter(self.targets[0].id, verb)

    def action_leave_terminal(self) -> None:
        """Take the keys back from the program."""
        self.terminal_actions.leave()

    def action_close_terminal(self) -> None:
        """Close the terminal in front."""
        self.terminal_actions.close()

    def action_record_terminal(self) -> None:
        """Record the terminal in front, or stop that."""
        self.terminal_actions.record()

    def on_terminals_changed(self) -> None:
        """Offer the keys of the moment."""
        self.refresh_bindings()

    def on_terminal_view_ended(self, message: TerminalView.Ended) -> None:
        """The program in a terminal has ended: it stays readable until it is closed."""
        self.terminal_actions.ended(message.view)

    def on_terminal_view_failed(self, message: TerminalView.Failed) -> None:
        """Nothing could be started in a terminal."""
        self.stage.tell(message.error)
        self.terminal_actions.gone(message.view, message.error.message)

    def start(
        self, bundle: BundleView, options: CreateOptions | None = None, *, start: bool = True
    ) -> None:
        """Make a container from *bundle* and start it."""
        if self.conductor is not None:
            self.conductor.start_bundle(bundle, options, start=start)

    def action_create_form(self) -> None:
        """Ask what the new container should have."""
        from tuicontainer.tui.screens.create import CreateForm

        bundle = self.current_bundle
        if bundle is None:
            return

        def then(answer: tuple[CreateOptions, bool] | None) -> None:
            if answer is not None:
                self.start(bundle, answer[0], start=answer[1])

        self.app.push_screen(CreateForm(bundle), then)

    def action_bundle_menu(self) -> None:
        """Ask what is to be done to the bundle."""
        if self.painter.engine is not None:
            BundleActions(self).open(self.painter.engine.bundle_work, self.current_bundle)

    def action_pane(self, name: str) -> None:
        """Give the keys to a pane."""
        if name == "terminals" and not self.terminals.views:
            self.stage.advise("there is no terminal: e opens a shell in a container")
        else:
            self.focus_pane(name)

    def action_next_pane(self) -> None:
        """Give the keys to the next pane."""
        self.focus_pane(self.panes.beside(1))

    def action_previous_pane(self) -> None:
        """Give the keys to the previous pane."""
        self.focus_pane(self.panes.beside(-1))

    def action_tab_number(self, number: int) -> None:
        """Bring a tab of the details to the front and give it the keys."""
        self.details.choose_number(number)
        self.focus_pane("details")

    def action_turn_tab(self, by: int) -> None:
        """Bring the next or the previous tab to the front."""
        (self.terminals if self.terminal_actions.here else self.details).turn(by)

    def on_details_tab_changed(self) -> None:
        """Fill the tab that is in front now."""
        self.filler.turn()

    def action_open(self) -> None:
        """Look at the details of what the cursor is on."""
        entry = self.activity.current
        if self.terminal_actions.here:
            self.terminal_actions.type()
        elif self.panes.current != "activity":
            self.focus_pane("details")
        elif entry is not None:
            self.notify(entry.failure or "done", title=entry.command, markup=False)

    def action_activity(self) -> None:
        """Show the activity pane and give it the keys; hide it if it has them."""
        if self.panes.current == "activity":
            self.action_hide()
        else:
            self.focus_pane("activity")
            self.activity.move_to(0)

    def on_table_opened(self) -> None:
        """An item was clicked twice."""
        self.action_open()

    def action_zoom(self) -> None:
        """Let one pane fill the screen, or all be seen again."""
        self.panes.toggle_zoom()

    def action_resize(self, columns: int, lines: int) -> None:
        """Move the line between panes."""
        self.panes.resize(columns, lines)

    def action_hide(self) -> None:
        """Hide the pane; its number shows it again."""
        heir = self.panes.hide()
        if heir:
            self.focus_pane(heir)
        else:
            self.stage.advise("the last pane can't be hidden: = shows all of them")

    def action_restore(self) -> None:
        """Show all panes in their usual sizes."""
        self.panes.restore()

    def action_jump(self) -> None:
        """Put letters on everything that can be gone to."""
        from tuicontainer.tui.screens.jump import JumpScreen, targets

        self.app.push_screen(JumpScreen(targets(self)), lambda go: go() if go else None)

    @property
    def list(self) -> Table[Any] | None:
        """The list that has the keys."""
        lists: dict[str, Table[Any]] = {
            "bundles": self.bundles,
            "containers": self.containers,
            "activity": self.activity,
        }
        return lists.get(self.panes.current)

    def action_sort(self, by: int) -> None:
        """Sort the list by the next or the previous column."""
        if self.list is not None:
            self.list.sort_beside(by)
            self.painter.paint_count()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        if self.list is not None:
            self.list.sort_by(self.list.order)
            self.painter.paint_count()

    def sort_by(self, key: str) -> None:
        """Sort the containers by any column, also one that isn't shown."""
        self.containers.sort_by(key)
        self.painter.paint_count()

    def action_mark(self) -> None:
        """Mark the current container or unmark it."""
        self.containers.toggle_mark()
        self._marks_changed()

    def action_mark_range(self) -> None:
        """Mark from the last mark to the cursor."""
        self.containers.mark_range()
        self._marks_changed()

    def action_mark_all(self) -> None:
        """Mark all containers that the filter lets pass, or unmark them."""
        self.containers.mark_all()
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.painter.paint_count()
        self.refresh_bindings()

    def action_filter(self) -> None:
        """Open the filter line of the pane that has the keys."""
        self.filtering.open()

    def on_input_changed(self, message: Input.Changed) -> None:
        """The filter is being typed."""
        self.filtering.apply(message.value)

    def action_find(self) -> None:
        """Open the line for what to look for in the log."""
        self.filtering.open(find=True)

    def action_find_next(self, by: int) -> None:
        """Go to the next line that was looked for."""
        self.log_actions.find_next(by)

    def action_wrap(self) -> None:
        """Wrap long lines or don't."""
        self.details.logs.toggle_wrap()

    def action_times(self) -> None:
        """Show times, dates too, or neither."""
        self.details.logs.turn_times()

    def action_window(self) -> None:
        """Narrow the log to the last minutes."""
        self.log_actions.turn_window()

    def action_log_mark(self) -> None:
        """Set a mark after the last line."""
        self.log_actions.mark()

    def action_to_mark(self) -> None:
        """Go to the mark above."""
        self.log_actions.to_mark()

    def action_merged(self) -> None:
        """Show the logs of several containers together."""
        self.log_actions.merge()

    def action_save_log(self) -> None:
        """Save the log, or the history, to a file."""
        if self.shows_history:
            from tuicontainer.tui.screens.export import save_history

            save_history(self)
        else:
            self.log_actions.save()

    @property
    def shows_history(self) -> bool:
        """Whether the keys are in the history of a container."""
        return self.panes.current == "details" and self.details.tab == "history"

    def on_log_view_wants_earlier(self, message: LogView.WantsEarlier) -> None:
        """Fetch what is older than the lines that are shown."""
        self.filler.reading.read_earlier(to_top=message.to_top)

    def action_copy(self) -> None:
        """Copy a container's id, a bundle's path or a command to the terminal's clipboard."""
        key = self.filler.subject[1]
        if self.panes.current == "activity":
            entry = self.activity.current
            key = "" if entry is None else entry.command
        if key:
            self.app.copy_to_clipboard(key)
            self.notify(f"copied {key}", timeout=2, markup=False)

    def action_copy_or_tell(self) -> None:
        """Copy the selected text; without one, say how to quit."""
        selected = self.get_selected_text()
        if selected:
            self.app.copy_to_clipboard(selected)
            self.clear_selection()
        else:
            self.notify("q quits; containers go on", timeout=3)

    def action_help(self) -> None:
        """Show all keys."""
        from tuicontainer.tui.screens.help import HelpScreen

        where = "log" if self.log_actions.here else self.panes.current
        self.app.push_screen(HelpScreen(self._tui.preferences.effective_keys, where))

    def action_rename(self) -> None:
        """Ask for another name of the container."""
        self.edit_actions.rename()

    def action_limits(self) -> None:
        """Ask for other limits of the container."""
        self.edit_actions.limits()

    def action_signal_process(self) -> None:
        """Ask which process of the container gets which signal."""
        self.edit_actions.signal_process()

    def action_compare(self) -> None:
        """Show what differs between two containers or bundles."""
        self.edit_actions.compare()

    def action_undo(self) -> None:
        """Bring back the container that was deleted last."""
        if self.conductor is not None:
            self.conductor.undo()

    def action_time_pause(self) -> None:
        """Hold the view; in the past play or pause."""
        self.time.pause()

    def action_time_by(self, seconds: int) -> None:
        """Go back, or on in the past."""
        self.time.by(seconds)

    def action_time_event(self, by: int) -> None:
        """Go to the event before or after in the past."""
        self.time.to_event(by)

    def action_time_speed(self) -> None:
        """Play the past faster, or slowly again."""
        self.time.faster()

    def action_time_now(self) -> None:
        """Return to the present."""
        self.time.return_to_now()

    def action_notices(self) -> None:
        """Show what happened by itself."""
        from tuicontainer.tui.screens.notices import NoticesScreen

        self.model.notices.unseen = 0
        self.changed("notices")

        def then(container_id: str | None) -> None:
            if container_id and self.model.container(container_id) is not None:
                self.make_current(container_id)
                self.focus_pane("containers")

        self.app.push_screen(NoticesScreen(list(self.model.notices.entries)), then)

    def action_settings(self) -> None:
        """Show all settings."""
        from tuicontainer.tui.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen())

    def action_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def action_back(self) -> None:
        """Undo the last step of looking: zoom, filter, marks, details."""
        self._step_back()

    def action_leave(self) -> None:
        """Go back; at the top, quit."""
        if not self._step_back():
            self.app.exit(0)

    def _step_back(self) -> bool:
        if self.panes.zoomed:
            self.panes.toggle_zoom()
        elif self.filtering.clear():
            pass
        elif self.filler.merged:
            self.filler.merge(())
        elif self.panes.current in ("gauges", "details", "terminals", "activity"):
            kind = self.filler.subject[0]
            self.focus_pane("containers" if kind == "container" else "bundles")
        elif self.containers.marks:
            self.containers.clear_marks()
            self._marks_changed()
        elif self.time.in_past:
            self.time.return_to_now()
        else:
            return False
        return True
