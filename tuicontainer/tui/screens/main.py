"""The main screen's keys: which are possible now, and what they say in the footer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType

from tuicontainer.tui.edit_actions import ACTIONS as EDITS
from tuicontainer.tui.keymap import MAIN_KEYS
from tuicontainer.tui.log_actions import ACTIONS as LOG_ACTIONS
from tuicontainer.tui.screens.actions import ActingScreen
from tuicontainer.tui.verbs import bundle_refusal, refusal
from tuicontainer.tui.widgets.footer import Footer, KeyHint

if TYPE_CHECKING:
    from textual.binding import ActiveBinding, Binding

_PLACES = {binding.id: place for place, binding in enumerate(MAIN_KEYS)}


_WITHOUT_TARGET = ("container.start", "container.undo")
"""Keys of containers that mean something while none is chosen."""
_FOR_LISTS = "only lists can be sorted: bundles (1) and containers (2)"
_FOR_CONTAINERS = "that is for the containers pane (2)"
_FOR_BOTH = "choose a bundle (1) or a container (2) to compare"
_FOR_LOGS = "that is for the log (4)"
_FOR_SAVING = "that is for the log (4) and the history (6)"
_FOR_TERMINALS = "that is for terminals: e opens a shell in a container"


def _place(active: ActiveBinding, first: str) -> tuple[bool, int]:
    """Return where a key stands in the footer: those of the section *first* before others."""
    name = active.binding.id or ""
    return name.partition(".")[0] != first, _PLACES.get(name, len(_PLACES))


class MainScreen(ActingScreen, inherit_bindings=False):
    """Bundles, containers, gauges and details, and all that can be done to them."""

    BINDINGS: ClassVar[list[BindingType]] = list(MAIN_KEYS)

    def on_mount(self) -> None:
        """Keep the footer true to the keys."""
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_hints())

    # What keys may do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return None for what the state forbids: the key is shown, but faint."""
        typing = self.terminals.typing
        if self.filtering.active or (action == "leave_terminal") != typing:
            return False
        return None if self.objection(action, parameters) else True

    def objection(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action does nothing now; empty if it does something."""
        if action == "create_form" or (action == "verb" and self.is_bundle_start(parameters)):
            return bundle_refusal(self.current_bundle, self.model.rights)
        if action in ("verb", "hand_over"):
            return refusal(str(parameters[0]), self.targets, self.model.rights)
        if action in EDITS:
            return self._edit_objection(EDITS[action])
        if action.startswith("time_"):
            word = action.removeprefix("time_")
            back = word == "by" and int(str(parameters[0])) < 0
            return self.time.objection("back" if back else word)
        if action == "undo" and self.model.elsewhere:
            return self.model.elsewhere
        possible, advice = {
            "compare": (self.filler.subject[0] != "nothing", _FOR_BOTH),
            "undo": (bool(self.model.undoable), "nothing was deleted in the last seconds"),
            "sort": (self.list is not None, _FOR_LISTS),
            "reverse": (self.list is not None, _FOR_LISTS),
            "mark": (self.panes.current == "containers", _FOR_CONTAINERS),
            "mark_range": (self.panes.current == "containers", _FOR_CONTAINERS),
            "mark_all": (self.panes.current == "containers", _FOR_CONTAINERS),
            "save_log": (self.log_actions.here or self.shows_history, _FOR_SAVING),
            "filter": (self.filtering.target is not None, "only lists and logs can be filtered"),
            "close_terminal": (self.terminal_actions.here, _FOR_TERMINALS),
            "record_terminal": (self.terminal_actions.here, _FOR_TERMINALS),
        }.get(action, (action not in LOG_ACTIONS or self.log_actions.here, _FOR_LOGS))
        return "" if possible else advice

    def _edit_objection(self, verb: str) -> str:
        if len(self.targets) > 1:
            return "that is for one container at a time: * unmarks the others"
        return refusal(verb, self.targets, self.model.rights)

    def on_key(self, event: events.Key) -> None:
        """Say why a key does nothing, if it is one that would at another time."""
        active = self.active_bindings.get(event.key)
        if active is not None and not active.enabled and active.node is self:
            _, name, parameters = self.app._parse_action(active.binding.action, self)  # noqa: SLF001 - Textual has no public parser
            self.stage.advise(self.objection(name, parameters))

    def _show_hints(self) -> None:
        hints: list[KeyHint] = []
        seen = set()
        first = "time" if self.time.away else "log" if self.log_actions.here else ""
        if self.terminal_actions.here:
            first = "terminal"
        bindings = self.active_bindings.values()
        for active in sorted(bindings, key=lambda active: _place(active, first)):
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
            "container": not self.targets and binding.id not in _WITHOUT_TARGET,
            "bundle": self.current_bundle is None,
            "container.undo": not self.model.undoable,
            "list.mark": self.panes.current != "containers",
            "list.sort": self.list is None,
            "log": not self.log_actions.here
            and not (self.shows_history and binding.id == "log.save"),
            "terminal": not self.terminal_actions.here,
            "time": not self.time.away,
            "time.now": not self.time.in_past,
        }
        if useless.get(section) or useless.get(binding.id or ""):
            return ""
        if binding.id == "container.start" and bundles and self.targets:
            return "start another"
        return binding.description
