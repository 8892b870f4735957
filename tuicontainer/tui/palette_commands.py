"""What the command palette offers: every action of the moment, containers, bundles, themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tuicontainer.tui.command_lines import bundle_line, verb_line
from tuicontainer.tui.keymap import shown_keys

if TYPE_CHECKING:
    from textual.binding import Binding

    from tuicontainer.tui.app import TuiApp
    from tuicontainer.tui.screens.main import MainScreen

Command = tuple[str, str, Callable[[], object]]
"""Title, help and what to call."""

_HERE_ONLY = "only in here"


class PaletteCommands(Provider):
    """Commands of the main screen."""

    async def discover(self) -> Hits:
        """Yield what is possible now."""
        for title, text, call in self._commands():
            yield DiscoveryHit(title, call, help=text)

    async def search(self, query: str) -> Hits:
        """Yield what matches *query*."""
        matcher = self.matcher(query)
        for title, text, call in self._commands():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), call, help=text)

    def _commands(self) -> Iterator[Command]:
        main = cast("MainScreen", self.screen)
        app = cast("TuiApp", self.app)
        info = main.model.info
        yield from self._actions(main)
        for number, (name, title) in enumerate(main.details.tabs):
            line = verb_line(name, [view.id for view in main.targets], info)
            text = f"$ {line}" if line and main.targets else _HERE_ONLY
            yield f"Tab {title}", text, partial(main.action_tab_number, number)
        for column in main.containers.COLUMNS:
            if column.value is not None:
                title = f"Sort containers by {column.key}"
                yield title, _HERE_ONLY, partial(main.sort_by, column.key)
        for container_id in main.model.containers or {}:
            title = f"Go to container {container_id}"
            yield title, _HERE_ONLY, partial(main.make_current, container_id)
        for bundle in main.model.bundles or ():
            if not bundle.problem and not main.model.rights.refusal:
                line = bundle_line(bundle, info=info)
                yield f"Start bundle {bundle.name}", f"$ {line}", partial(main.start, bundle)
        for name in app.theme_names():
            yield f"Theme {name}", _HERE_ONLY, partial(app.choose_theme, name)

    def _actions(self, main: MainScreen) -> Iterator[Command]:
        seen: set[str] = set()
        keymap = cast("TuiApp", self.app).preferences.effective_keys
        for active in main.active_bindings.values():
            binding = active.binding
            if active.node is not main or not active.enabled or not binding.id:
                continue
            if binding.id in ("program.palette", *seen):
                continue
            seen.add(binding.id)
            keys = shown_keys(keymap.get(binding.id, binding.key))
            line = _equivalent(binding, main)
            text = f"{keys}   $ {line}" if line else f"{keys}   {_HERE_ONLY}"
            yield _title(binding, main), text, partial(main.run_action, binding.action)


def _equivalent(binding: Binding, main: MainScreen) -> str:
    """Return the command line that does what *binding* does now; empty if there is none."""
    info, bundle = main.model.info, main.current_bundle
    ids = [view.id for view in main.targets]
    name, _, argument = binding.action.removesuffix(")").partition("(")
    argument = argument.strip("'")
    if name == "create_form" or (name == "verb" and main.is_bundle_start((argument,))):
        return "" if bundle is None else bundle_line(bundle, info=info)
    if name == "tab_number":
        tabs = main.details.tabs
        argument = tabs[int(argument)][0] if int(argument) < len(tabs) else ""
    elif name == "pane" and argument == "containers":
        ids = []
    elif name not in ("verb", "pane"):
        return ""
    if argument == "pause" and any(view.status == "paused" for view in main.targets):
        argument = "resume"
    return verb_line(argument, ids, info) if ids or argument == "containers" else ""


def _title(binding: Binding, main: MainScreen) -> str:
    """Return what a binding does in words that are found by searching."""
    section = (binding.id or "").partition(".")[0]
    words = binding.description.removesuffix("…").capitalize()
    if section == "container":
        return f"{words} {', '.join(view.id for view in main.targets)}".strip()
    if section == "pane" and "pane(" in binding.action:
        return f"Go to the {words.lower()}"
    if section == "log":
        return f"Log: {words.lower()}"
    return words
