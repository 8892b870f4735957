"""All keys, and what the words and numbers on the screen mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tuicontainer.tui.keymap import GROUPS, shown_keys
from tuicontainer.tui.spans import Line, wrapped
from tuicontainer.tui.widgets.graphs import SizedView

_MEANINGS = (
    ("creating", "hooks and mounts are being prepared"),
    ("created", "all is ready, the program waits for start"),
    ("running", "the program runs"),
    ("paused", "all its processes are frozen"),
    ("stopped", "the program ended; RESULT says how"),
    ("CPU/CORE", "100% is one core used fully; can be more"),
    ("OF LIMIT", "100% is all that the container may have"),
    ("THROTTLED", "periods in which the CPU quota ran out"),
    ("PRESSURE", "time in which tasks waited, of 10 s"),
    ("▲", "the kernel killed for want of memory"),
)

_HERE = {
    "bundles": (
        "You are in the bundles: folders that containers are made from. s starts one at once.",
        ("Containers and bundles", "Lists"),
    ),
    "containers": (
        "You are in the containers. Verbs mean the one under the cursor, or all that are marked.",
        ("Containers and bundles", "Lists"),
    ),
    "gauges": (
        "You are in the gauges: what the container under the cursor uses now, and its limits.",
        ("What is what", "Moving"),
    ),
    "details": (
        "You are in the details of what was chosen last; [ and ] turn its tabs.",
        ("Panes", "Moving"),
    ),
    "log": (
        "You are in the log. It follows the end until you scroll up; G goes back to the end.",
        ("The log", "Moving"),
    ),
    "terminals": (
        "You are in the terminals. enter types into the one in front; [ and ] turn to others.",
        ("Terminals", "Moving"),
    ),
    "activity": (
        "You are in the activity: every command of this session, as you'd type it in a shell.",
        ("Lists", "Moving"),
    ),
}
"""By pane: what it is, and the groups of keys that are wanted first there."""


def help_lines(keymap: Mapping[str, str], where: str, width: int) -> list[Line]:
    """Return the help in one column, or in two where there is room.

    Args:
        keymap: keys by binding id that differ from the defaults.
        where: the pane that has the keys, or `log`.
        width: columns.
    """
    blocks = {title: _group(title, group, keymap) for title, group in GROUPS}
    blocks["What is what"] = [
        ((" What is what", "strong"),),
        *(_entry(a, b) for a, b in _MEANINGS),
    ]
    here, first = _HERE[where]
    intro: list[Line] = [((f" {text}", "accent"),) for text in wrapped(here, width - 2)]
    order = [*first, *(title for title in blocks if title not in first)]
    ordered = [blocks[title] for title in order]
    if width < 88:
        return [*intro, (), *_stacked(ordered)]
    half = 48
    left, right = _columns(ordered)
    lines: list[Line] = [*intro, ()]
    for number in range(max(len(left), len(right))):
        one = left[number] if number < len(left) else ()
        other = right[number] if number < len(right) else ()
        used = sum(len(text) for text, _ in one)
        lines.append((*one, (" " * max(1, half - used), "text"), *other))
    return lines


def _columns(blocks: list[list[Line]]) -> tuple[list[Line], list[Line]]:
    """Share *blocks* out, each to the shorter side, in their order."""
    sides: tuple[list[Line], list[Line]] = ([], [])
    for block in blocks:
        side = sides[0] if len(sides[0]) <= len(sides[1]) else sides[1]
        side += [*block, ()]
    return sides


def _group(title: str, group: tuple[Binding, ...], keymap: Mapping[str, str]) -> list[Line]:
    lines: list[Line] = [((f" {title}", "strong"),)]
    for binding in group:
        keys = keymap.get(binding.id or "", binding.key)
        lines.append(_entry(shown_keys(keys), binding.description))
    return lines


def _entry(name: str, meaning: str) -> Line:
    return ((f"  {name:<12} ", "key"), (meaning, "text"))


def _stacked(blocks: list[list[Line]]) -> list[Line]:
    lines: list[Line] = []
    for block in blocks:
        lines += [*block, ()]
    return lines[:-1]


class HelpScreen(ModalScreen[None]):
    """The help, over the main screen."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "close", id="help.close"),
    ]

    def __init__(self, keymap: Mapping[str, str], where: str) -> None:
        super().__init__()
        self._view = SizedView(id="help-lines")
        self._view.show_made(lambda width, height: help_lines(keymap, where, width))  # noqa: ARG005

    def compose(self) -> ComposeResult:
        """Yield the box."""
        box = Vertical(self._view, id="help")
        box.border_title = "Keys"
        box.border_subtitle = "j k move · esc closes"
        yield box

    def on_mount(self) -> None:
        """Give the keys to the text."""
        self._view.focus()
