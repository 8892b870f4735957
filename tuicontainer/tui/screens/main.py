"""The main screen's keys: which are possible now, what they say in the footer, what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.binding import BindingType

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import CreateOptions
from tuicontainer.tui.filtering import Filtering
from tuicontainer.tui.keymap import MAIN_KEYS
from tuicontainer.tui.model import Model
from tuicontainer.tui.screens.browser import Browser
from tuicontainer.tui.verbs import bundle_refusal, refusal
from tuicontainer.tui.widgets.footer import Footer, KeyHint
from tuicontainer.tui.widgets.table import Table

if TYPE_CHECKING:
    from textual.binding import ActiveBinding, Binding
    from textual.widgets import Input

    from tuicontainer.tui.app import TuiApp


_PLACES = {binding.id: place for place, binding in enumerate(MAIN_KEYS)}


def _place(active: ActiveBinding) -> int:
    """Return where a key stands in the footer, whichever key it is remapped to."""
    return _PLACES.get(active.binding.id, len(_PLACES))


class MainScreen(Browser, inherit_bindings=False):
    """Bundles, containers, gauges and details, and all that can be done to them."""

    BINDINGS: ClassVar[list[BindingType]] = list(MAIN_KEYS)

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.filtering = Filtering(self)

    def on_mount(self) -> None:
        """Keep the footer true to the keys."""
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_hints())

    # What keys may do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return None for what the state forbids: the key is shown, but faint."""
        if self.filtering.active:
            return False
        return None if self.objection(action, parameters) else True

    def objection(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action does nothing now; empty if it does something."""
        if action == "create_form" or (action == "verb" and self._is_bundle_start(parameters)):
            return bundle_refusal(self.current_bundle, self.model.rights)
        if action == "verb":
            return refusal(str(parameters[0]), self.targets, self.model.rights)
        if action in ("sort", "reverse") and self._list is None:
            return "only lists can be sorted: bundles (1) and containers (2)"
        if action in ("mark", "mark_range", "mark_all") and self.panes.current != "containers":
            return "that is for the containers pane (2)"
        if action == "filter" and self.filtering.target is None:
            return "only lists and logs can be filtered"
        return ""

    def _is_bundle_start(self, parameters: tuple[object, ...]) -> bool:
        return parameters == ("start",) and (
            self.panes.current == "bundles" or self.filler.subject[0] != "container"
        )

    def on_key(self, event: events.Key) -> None:
        """Say why a key does nothing, if it is one that would at another time."""
        active = self.active_bindings.get(event.key)
        if active is not None and not active.enabled and active.node is self:
            _, name, parameters = self.app._parse_action(active.binding.action, self)  # noqa: SLF001 - Textual has no public parser
            self.stage.advise(self.objection(name, parameters))

    def _show_hints(self) -> None:
        hints: list[KeyHint] = []
        seen = set()
        for active in sorted(self.active_bindings.values(), key=_place):
            binding = active.binding
            if not binding.show or not binding.id or binding.id in seen:
                continue
            seen.add(binding.id)
            text = self._wording(binding)
            if text:
                key = self.app.get_key_display(binding)
                action = f"screen.{binding.action}"
                hints.append(
                    KeyHint(
                        id=binding.id, key=key, text=text, enabled=active.enabled, action=action
                    )
                )
        self.query_one(Footer).show_hints(hints)

    def _wording(self, binding: Binding) -> str:
        """Return what a key does here in a word or two; empty if it isn't worth showing."""
        section = (binding.id or "").partition(".")[0]
        bundles = self.panes.current == "bundles"
        if binding.id == "container.pause" and any(v.status == "paused" for v in self.targets):
            return "resume"
        useless = {
            "container": not self.targets and binding.id != "container.start",
            "bundle": self.current_bundle is None,
            "list.mark": self.panes.current != "containers",
            "list.sort": self._list is None,
        }
        if useless.get(section) or useless.get(binding.id or ""):
            return ""
        if binding.id == "container.start" and bundles and self.targets:
            return "start another"
        return binding.description

    # What keys do

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
        elif self._is_bundle_start((verb,)):
            if self.current_bundle is not None:
                self.start(self.current_bundle)
        elif verb in ("exec", "attach"):
            self._tui.enter(self.targets[0].id, verb)
        elif self.conductor is not None:
            self.conductor.act(verb, self.targets)

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

    def action_pane(self, name: str) -> None:
        """Give the keys to a pane."""
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
        self.details.turn(by)

    def on_details_tab_changed(self) -> None:
        """Fill the tab that is in front now."""
        self.filler.turn()

    def action_open(self) -> None:
        """Look at the details of what the cursor is on."""
        self.focus_pane("details")

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
    def _list(self) -> Table[Any] | None:
        """The list that has the keys."""
        lists: dict[str, Table[Any]] = {"bundles": self.bundles, "containers": self.containers}
        return lists.get(self.panes.current)

    def action_sort(self, by: int) -> None:
        """Sort the list by the next or the previous column."""
        if self._list is not None:
            self._list.sort_beside(by)
            self.painter.paint_count()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        if self._list is not None:
            self._list.sort_by(self._list.order)
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

    def action_copy(self) -> None:
        """Copy the id of the container, or the path of the bundle, to the terminal's clipboard."""
        key = self.filler.subject[1]
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

        self.app.push_screen(HelpScreen(self._tui.keys))

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
        elif self.panes.current in ("gauges", "details"):
            kind = self.filler.subject[0]
            self.focus_pane("containers" if kind == "container" else "bundles")
        elif self.containers.marks:
            self.containers.clear_marks()
            self._marks_changed()
        else:
            return False
        return True
