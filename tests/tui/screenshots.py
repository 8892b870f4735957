"""Draws the real application from the recorded fleet into SVG files at 120x40.

python -m tests.tui.screenshots [FOLDER]       by default `screenshots`
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from tests.tui.harness import app_over, loaded, press, replay_engine
from tests.tui.test_snapshots import QUIET, replayed
from tuicontainer.tui.app import TuiApp

SIZE = (120, 40)
TO = ("2", "slash")
PICTURES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "overview": ("harbour", "every state", (*TO, *"logger", "enter", "escape")),
    "throttled": ("harbour", "every state", (*TO, *"cpu", "enter", "escape", "6")),
    "out-of-memory": ("harbour", "every state", (*TO, *"memory-2", "enter", "escape", "6")),
    "bundles": ("harbour", "empty", ("j", "j", "j", "j", "j", "j", "j", "j")),
    "lint": ("harbour", "empty", ("j", "j", "6", "z")),
    "bundle-new": ("harbour", "empty", ("B", "n", *"web", "down", "down", "down")),
    "editor": ("harbour", "empty", ("j", "B", "e", "f8", "f8")),
    "kill": ("harbour", "every state", (*TO, *"web", "enter", "escape", "K")),
    "create": ("harbour", "every state", ("S", *"my-cpu")),
    "help": ("harbour", "every state", ("question_mark",)),
    "many": ("harbour", "many", ("2", "o", "o", "o", "z")),
    "limits": ("harbour", "every state", (*TO, *"cpu", "enter", "escape", "U", *"64m")),
    "signal-process": ("harbour", "every state", (*TO, *"web", "enter", "escape", "ctrl+x")),
    "compare": (
        "harbour",
        "every state",
        (
            *(*TO, *"cpu", "enter", "escape", "space"),
            *("slash", *"web", "enter", "escape", "space", "D"),
        ),
    ),
    "bulk": ("harbour", "every state", ("2", "asterisk", "t")),
    "jump": ("harbour", "every state", ("2", "apostrophe")),
    "logs": ("harbour", "many", ("2", "L", "T", "m")),
    "palette": ("harbour", "every state", (*TO, *"web", "enter", "colon", *"sto")),
    "settings": ("harbour", "every state", ("comma",)),
    "processes": ("harbour", "every state", (*TO, *"web", "enter", "8")),
    "mounts": ("harbour", "every state", (*TO, *"user", "enter", "9", "z")),
    "security": ("harbour", "every state", (*TO, *"shell", "enter", "0")),
    "namespaces": (
        "harbour",
        "every state",
        (*TO, *"user", "enter", "0", *["right_square_bracket"] * 2),
    ),
    "timeline": (
        "harbour",
        "every state",
        (*TO, *"cpu", "enter", "0", *["right_square_bracket"] * 3),
    ),
    "timeline-steps": (
        "harbour",
        "hooks",
        ("2", "0", *["right_square_bracket"] * 3, "z", "G"),
    ),
    "last-moments": (
        "harbour",
        "every state",
        (*TO, *"memory-2", "enter", "escape", "left_square_bracket"),
    ),
    "daylight": ("daylight", "every state", (*TO, *"cpu", "enter", "escape", "6")),
    "contrast": ("contrast", "every state", (*TO, *"cpu", "enter", "escape", "6")),
    "colorsafe": ("colorsafe", "every state", (*TO, *"cpu", "enter", "escape", "6")),
    "ember": ("ember", "every state", (*TO, *"cpu", "enter", "escape", "6")),
    "ansi": ("ansi", "every state", (*TO, *"web", "enter", "escape", "i")),
}
"""File name: theme, moment of the recording, keys that lead to the screen."""


async def draw(folder: Path) -> None:
    """Draw every picture."""
    for name, (theme, moment, keys) in PICTURES.items():
        app = app_over(replay_engine(moment), theme=theme, preferences=QUIET)
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await loaded(pilot)
            await press(pilot, *keys)
            write(app, folder / f"{name}.svg")
    app = app_over(replay_engine("every state"), preferences=QUIET, replay=True)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await replayed(pilot)
        write(app, folder / "replay.svg")


def write(app: TuiApp, path: Path) -> None:
    """Write what *app* shows."""
    path.write_text(app.export_screenshot(title="tuicontainer", simplify=True), encoding="utf-8")
    print(path)


def main() -> int:
    """Draw into the folder that the command line names."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    folder.mkdir(exist_ok=True)
    os.environ["TZ"] = "UTC"
    time.tzset()
    asyncio.run(draw(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
