"""Keys that fingers know from other programs, by binding id, where they differ from ours. Pure.

Sources: lazydocker docs/keybindings/Keybindings_en.md; k9s README.md, "Key Bindings"; vim's
motion.txt. What would lose something without asking there (k9s' ctrl+k) asks here all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

PROFILES: Mapping[str, Mapping[str, str]] = {
    "default": {},
    "vim": {
        "move.page-down": "ctrl+f,pagedown",
        "move.page-up": "ctrl+b,pageup",
        "move.left": "h,left",
        "move.right": "l,right",
        "container.logs": "ctrl+l",
        "container.delete": "D",
        "container.compare": "C",
        "list.mark": "v,space",
        "pane.next": "ctrl+w,tab",
        "log.mark": "m",
    },
    "lazydocker": {
        "container.start": "u",
        "container.stop": "s",
        "container.exec": "E",
        "container.exec-full": "ctrl+e",
        "terminal.close": "X",
        "container.undo": "ctrl+z",
        "container.logs": "m",
        "bundle.create": "c",
        "pane.next": "l,tab",
        "pane.previous": "h,shift+tab",
        "pane.zoom": "plus,z",
        "program.help": "x,question_mark,f1",
        "log.mark": "B",
        "bundle.work": "ctrl+b",
        "log.save": "ctrl+s",
    },
    "k9s": {
        "container.start": "u",
        "container.exec": "s",
        "container.undo": "ctrl+z",
        "container.inspect": "y,d",
        "container.delete": "ctrl+d",
        "container.kill": "ctrl+k",
        "bundle.create": "C",
        "move.half-down": "J",
        "list.copy": "c",
        "list.mark-range": "ctrl+@",
        "list.sort": "shift+right,o",
        "list.sort-back": "shift+left",
        "pane.wider": "alt+right",
        "pane.narrower": "alt+left",
        "pane.zoom": "f,z",
        "log.find": "ctrl+f",
        "program.quit-now": "ctrl+q",
    },
}
