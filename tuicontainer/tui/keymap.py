"""Every key of the application, each with an id by which it can be remapped.

A person changes them in the settings:

    [keys]
    "container.kill" = "ctrl+k"

Names are Textual's: `ctrl+k`, `f5`, `slash`; several are separated by commas. Groups are those of
the help screen.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding

from tuicontainer.errors import InvalidArgument


def _key(id: str, keys: str, action: str, description: str, *, show: bool = False) -> Binding:
    # With priority, because other bindings wait until their key has bubbled up from the focused
    # widget: keys that are typed quickly would then act in another order than they were typed,
    # and the letters after `/` would be verbs.
    return Binding(keys, action, description, show=show, id=id, priority=True)


SCROLLING = (
    _key("move.up", "k,up", "line_up", "up"),
    _key("move.down", "j,down", "line_down", "down"),
    _key("move.top", "g,home", "top", "first"),
    _key("move.bottom", "G,end", "bottom", "last"),
    _key("move.page-up", "pageup", "page(-1)", "a page up"),
    _key("move.page-down", "pagedown", "page(1)", "a page down"),
    _key("move.half-up", "ctrl+u", "page(-0.5)", "half a page up"),
    _key("move.half-down", "ctrl+d", "page(0.5)", "half a page down"),
    _key("move.left", "left", "sideways(-8)", "scroll left"),
    _key("move.right", "right", "sideways(8)", "scroll right"),
)
"""In every pane: of the cursor in lists, of the view elsewhere."""

VERB_KEYS = (
    _key("container.start", "s", "verb('start')", "start", show=True),
    _key("container.stop", "t", "verb('stop')", "stop", show=True),
    _key("container.kill", "K", "verb('kill')", "kill", show=True),
    _key("container.delete", "d", "verb('delete')", "delete", show=True),
    _key("container.pause", "p", "verb('pause')", "pause", show=True),
    _key("container.restart", "r", "verb('restart')", "restart", show=True),
    _key("container.exec", "e", "verb('exec')", "shell", show=True),
    _key("container.attach", "a", "verb('attach')", "attach", show=True),
    _key("container.exec-full", "E", "hand_over('exec')", "shell on the whole screen"),
    _key("container.attach-full", "ctrl+a", "hand_over('attach')", "attach the whole screen"),
    _key("container.logs", "l", "verb('logs')", "logs", show=True),
    _key("container.inspect", "i", "verb('inspect')", "inspect", show=True),
    _key("container.rename", "I", "rename", "rename…"),
    _key("container.limits", "U", "limits", "limits…"),
    _key("container.signal", "ctrl+x", "signal_process", "signal one process…"),
    _key("container.compare", "D", "compare", "compare two"),
    _key("container.undo", "u", "undo", "undo", show=True),
    _key("bundle.create", "S", "create_form", "create…", show=True),
    _key("bundle.work", "B", "bundle_menu", "edit, copy, new…", show=True),
)
"""What is done to containers and bundles."""

LIST_KEYS = (
    _key("list.filter", "slash", "filter", "filter", show=True),
    _key("list.sort", "o,greater_than_sign", "sort(1)", "sort", show=True),
    _key("list.sort-back", "less_than_sign", "sort(-1)", "sort by the column before"),
    _key("list.reverse", "O", "reverse", "reverse the order"),
    _key("list.mark", "space", "mark", "mark", show=True),
    _key("list.mark-range", "V", "mark_range", "mark from the last mark to here"),
    _key("list.mark-all", "asterisk", "mark_all", "mark or unmark all"),
    _key("list.copy", "y", "copy", "copy the id"),
)
"""What lists can do."""

LOG_KEYS = (
    _key("log.find", "f", "find", "find", show=True),
    _key("log.find-next", "n", "find_next(1)", "next line that was looked for"),
    _key("log.find-previous", "N", "find_next(-1)", "previous one"),
    _key("log.wrap", "w", "wrap", "wrap lines", show=True),
    _key("log.times", "T", "times", "times, dates too, neither"),
    _key("log.window", "W", "window", "last minute, 5, 15, hour, all"),
    _key("log.mark", "m", "log_mark", "set a mark after the last line"),
    _key("log.to-mark", "M", "to_mark", "go to the mark above"),
    _key("log.merged", "L", "merged", "merge logs", show=True),
    _key("log.save", "ctrl+s", "save_log", "save", show=True),
)
"""What the log can do."""

TERMINAL_KEYS = (
    _key(
        "terminal.leave", "ctrl+right_square_bracket", "leave_terminal", "leave the terminal",
        show=True,
    ),
    _key("terminal.close", "x", "close_terminal", "close", show=True),
    _key("terminal.record", "ctrl+r", "record_terminal", "record", show=True),
)  # fmt: skip
"""What terminals in the pane can do; while one has the keys, only the first of these is ours."""

PANE_KEYS = (
    _key("pane.next", "tab", "next_pane", "next pane"),
    _key("pane.previous", "shift+tab", "previous_pane", "previous pane"),
    _key("pane.bundles", "1", "pane('bundles')", "bundles"),
    _key("pane.containers", "2", "pane('containers')", "containers"),
    _key("pane.gauges", "3", "pane('gauges')", "gauges"),
    _key("pane.terminals", "grave_accent", "pane('terminals')", "terminals"),
    _key("pane.activity", "A", "activity", "activity, or hide it"),
    _key("pane.details-1", "4", "tab_number(0)", "first tab of the details"),
    _key("pane.details-2", "5", "tab_number(1)", "second tab"),
    _key("pane.details-3", "6", "tab_number(2)", "third tab"),
    _key("pane.details-4", "7", "tab_number(3)", "fourth tab"),
    _key("pane.details-5", "8", "tab_number(4)", "fifth tab"),
    _key("pane.details-6", "9", "tab_number(5)", "sixth tab"),
    _key("pane.details-7", "0", "tab_number(6)", "seventh tab"),
    _key("tab.previous", "left_square_bracket", "turn_tab(-1)", "previous tab"),
    _key("tab.next", "right_square_bracket", "turn_tab(1)", "next tab"),
    _key("pane.open", "enter", "open", "open"),
    _key("pane.back", "escape", "back", "back"),
    _key("pane.zoom", "z", "zoom", "zoom", show=True),
    _key("pane.wider", "shift+right", "resize(4, 0)", "wider left side"),
    _key("pane.narrower", "shift+left", "resize(-4, 0)", "narrower left side"),
    _key("pane.taller", "shift+down", "resize(0, 2)", "taller upper half"),
    _key("pane.flatter", "shift+up", "resize(0, -2)", "flatter upper half"),
    _key("pane.hide", "backslash", "hide", "hide the pane"),
    _key("pane.restore", "equals_sign", "restore", "show all panes in their usual sizes"),
    _key("pane.jump", "ctrl+o,apostrophe", "jump", "jump to anything by letters"),
)
"""Where one is."""

TIME_KEYS = (
    _key("time.pause", "P", "time_pause", "pause, play", show=True),
    _key("time.back", "left_curly_bracket", "time_by(-10)", "10 s back", show=True),
    _key("time.forward", "right_curly_bracket", "time_by(10)", "10 s on", show=True),
    _key("time.minute-back", "left_parenthesis", "time_by(-60)", "a minute back", show=True),
    _key("time.minute-forward", "right_parenthesis", "time_by(60)", "a minute on", show=True),
    _key("time.event-before", "b", "time_event(-1)", "the event before", show=True),
    _key("time.event-after", "F", "time_event(1)", "the event after", show=True),
    _key("time.speed", "Q", "time_speed", "speed", show=True),
    _key("time.now", "R", "time_now", "return to now", show=True),
)
"""The past, of a recording or of the last fifteen minutes."""

PROGRAM_KEYS = (
    _key("program.help", "question_mark,f1", "help", "help", show=True),
    _key("program.palette", "ctrl+p,colon", "palette", "commands"),
    _key("program.notices", "exclamation_mark", "notices", "notices"),
    _key("program.settings", "comma", "settings", "settings", show=True),
    _key("program.quit", "q", "leave", "quit", show=True),
    _key("program.quit-now", "ctrl+q", "app.quit", "quit at once"),
    _key("program.copy", "ctrl+c", "copy_or_tell", "copy the selected text"),
)
"""The program itself."""

MAIN_KEYS = (
    *VERB_KEYS, *LIST_KEYS, *LOG_KEYS, *TERMINAL_KEYS, *PANE_KEYS, *TIME_KEYS, *PROGRAM_KEYS,
)  # fmt: skip
"""All keys of the main screen."""

GROUPS: tuple[tuple[str, tuple[Binding, ...]], ...] = (
    ("Containers and bundles", VERB_KEYS),
    ("Lists", LIST_KEYS),
    ("The log", LOG_KEYS),
    ("Terminals", TERMINAL_KEYS),
    ("Panes", PANE_KEYS),
    ("The past", TIME_KEYS),
    ("Moving", SCROLLING),
    ("Program", PROGRAM_KEYS),
)
"""For the help screen."""


_NAMES = {
    "slash": "/",
    "comma": ",",
    "plus": "+",
    "exclamation_mark": "!",
    "space": "space",
    "question_mark": "?",
    "colon": ":",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "equals_sign": "=",
    "asterisk": "*",
    "backslash": "\\",
    "apostrophe": "'",
    "grave_accent": "`",
    "ctrl+right_square_bracket": "ctrl+]",
    "shift+right": "shift+→",
    "shift+left": "shift+←",
    "shift+up": "shift+↑",
    "shift+down": "shift+↓",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "page up",
    "pagedown": "page down",
}


def shown_keys(keys: str) -> str:
    """Return a binding's keys as they stand on a keyboard: `? f1`."""
    return " ".join(_NAMES.get(key.strip(), key.strip()) for key in keys.split(","))


def check_keys(keys: Mapping[str, str]) -> None:
    """Check what a person wants other keys to be.

    Raises:
        InvalidArgument: an id doesn't exist, or actions would share keys; names all that do.
    """
    bindings = {str(binding.id): binding.key for binding in (*MAIN_KEYS, *SCROLLING)}
    for name in keys:
        if name not in bindings:
            import difflib

            near = difflib.get_close_matches(name, bindings, n=1, cutoff=0.0)[0]
            raise InvalidArgument(
                f"there is no key `{name}` to be changed",
                hint=f"did you mean `{near}`? the help (`?`) lists what the keys do",
            )
    clashes = key_clashes(keys)
    if clashes:
        first, *others = [
            f"key `{key}` can't mean both {' and '.join(f'`{name}`' for name in names)}"
            for key, names in clashes.items()
        ]
        raise InvalidArgument(
            "; ".join([first, *others]),
            hint="give one of them another key in the settings' table `keys`",
        )


def key_clashes(keys: Mapping[str, str]) -> dict[str, list[str]]:
    """Return by key the ids that would share it, where *keys* differ from the defaults."""
    owners: dict[str, list[str]] = {}
    for binding in (*MAIN_KEYS, *SCROLLING):
        name = str(binding.id)
        for key in keys.get(name, binding.key).split(","):
            owners.setdefault(key.strip(), []).append(name)
    return {key: names for key, names in owners.items() if len(names) > 1 and key}
