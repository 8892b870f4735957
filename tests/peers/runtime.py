"""The runtime under the engines: ours by its launcher, or the one that RUNTIME names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tuicontainer.cli.launcher import write_launchers

if TYPE_CHECKING:
    from pathlib import Path

OTHER = os.environ.get("RUNTIME", "")
"""Path of another runtime to put under the engines, such as /usr/sbin/runc."""


def runtime_path(folder: Path) -> str:
    """Return the path that an engine is given; our launcher is written into *folder*."""
    if OTHER:
        return OTHER
    folder.mkdir()
    return next(path for path in write_launchers(str(folder)) if path.endswith("-runtime"))
