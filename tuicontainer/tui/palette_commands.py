"""What the command palette offers: every action of the moment, containers, bundles, themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tuicontainer.tui.screens.help import shown_keys

if TYPE_CHECKING:
    from textual.binding import Binding

    from tuicontainer.tui.app import TuiApp
    from tuicontainer.tui.screens.main import MainScreen

Command = tuple[str, str, Callable[[], object]]
"""Title, help and what to call."""

_EQUIVALENT = {
    "start": "tuicontainer start",
    "stop": "tuicontainer stop",
    "kill": "tuicontainer kill",
    "delete": "tuicontainer rm",
    "pause": "tuicontainer pause / resume",
    "restart": "tuicontainer restart",
    "exec": "tuicontainer exec -t … /bin/sh",
    "logs": "tuicontainer logs",
    "inspect": "tuicontainer inspect",
}
"""What does the same in a shell."""


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
        yield from self._actions(main)
        for column in main.containers.COLUMNS:
            if column.value is not None:
                title = f"Sort containers by {column.key}"
                yield title, "only in here", partial(main.sort_by, column.key)
        for container_id in main.model.containers or {}:
            title = f"Go to container {container_id}"
            yield title, "puts the cursor on it", partial(main.make_current, container_id)
        for bundle in main.model.bundles or ():
            if not bundle.problem and not main.model.rights.refusal:
                title = f"Start bundle {bundle.name}"
                yield title, f"tuicontainer run -d {bundle.name}", partial(main.start, bundle)
        for name in app.theme_names():
            yield f"Theme {name}", "changes the colours", partial(app.use_theme, name)

    def _actions(self, main: MainScreen) -> Iterator[Command]:
        seen: set[str] = set()
        keymap = cast("TuiApp", self.app).keys
        for active in main.active_bindings.values():
            binding = active.binding
            if active.node is not main or not active.enabled or not binding.id:
                continue
            if binding.id in ("program.palette", *seen):
                continue
            seen.add(binding.id)
            keys = shown_keys(keymap.get(binding.id, binding.key))
            verb = binding.action.removeprefix("verb('").removesuffix("')")
            same = f" · {_EQUIVALENT[verb]}" if verb in _EQUIVALENT else ""
            title = _title(binding, main)
            yield title, f"key {keys}{same}", partial(main.run_action, binding.action)


def _title(binding: Binding, main: MainScreen) -> str:
    """Return what a binding does in words that are found by searching."""
    section = (binding.id or "").partition(".")[0]
    words = binding.description.removesuffix("…").capitalize()
    if section == "container":
        return f"{words} {', '.join(view.id for view in main.targets)}".strip()
    if section == "pane" and "pane(" in binding.action:
        return f"Go to the {words.lower()}"
    return words
