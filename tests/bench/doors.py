"""What a person waits for before anything is done: the start of each door."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.bench.race import Race
from tests.bench.runtimes import call

if TYPE_CHECKING:
    from tests.bench.runtimes import Setting


def races(setting: Setting) -> list[Race]:
    """Return the races of cold starts."""
    python = sys.executable
    roots = ("--root", setting.locations.state_root, "--data-root", setting.locations.data_root)
    empty = ("--root", f"{setting.folder}/none")
    lists = {"tuicontainer ps": partial(call, setting.program, *roots, "ps")} | {
        f"{name} list": partial(call, program, *empty, "list")
        for name, program in setting.runtimes.items()
    }
    return [
        Race(name="list", what="a quick verb without containers", contestants=lists),
        Race(
            name="interpreter",
            what="`tuicontainer --version` beside an interpreter that does nothing",
            contestants={
                "tuicontainer --version": partial(call, setting.program, "--version"),
                "python -I -S": partial(call, python, "-I", "-S", "-c", ""),
                "python": partial(call, python, "-c", ""),
            },
        ),
    ]
