"""What holds for every tier: a test's folder is its tier, and a tier's needs are checked once.

Markers follow from folders, so that no test of the kernel can land in the tier that runs without
root because somebody forgot a line. What a single test needs beyond its tier it checks itself and
skips by name.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

if find_spec("hypothesis"):  # the guest of the vm tier has only what the kernel tier needs
    from hypothesis import settings

    # A test's time is limited as a whole (pyproject.toml); a slow single example on a busy machine
    # says nothing about the code.
    settings.register_profile("tuicontainer", deadline=None)
    settings.load_profile("tuicontainer")

TIER_FOLDERS = ("kernel", "peers", "vm", "e2e")
HERE = os.path.dirname(os.path.abspath(__file__))


def missing_for(tier: str) -> str:
    """Say what this host lacks for a whole tier; empty when nothing."""
    if os.geteuid() != 0:
        return "needs root (sudo make test)"
    if tier == "e2e" and shutil.which("tmux") is None:
        return "needs tmux"
    return ""


@pytest.hookimpl(tryfirst=True)  # before `-m` reads the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = os.path.relpath(item.path, HERE).split(os.sep, 1)[0]
        if folder in TIER_FOLDERS:
            item.add_marker(folder)
        for tier in TIER_FOLDERS:
            if item.get_closest_marker(tier) and (reason := missing_for(tier)):
                item.add_marker(pytest.mark.skip(reason=reason))
