"""Bundles for tests: a root filesystem with nothing but a static busybox, and a small config."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tuicontainer.spec.default import default_document

APPLETS = ("sh", "cat", "echo", "head", "sleep", "seq", "kill", "ps", "id", "env", "pwd", "stty",
           "tty", "yes", "wc", "true", "false", "hostname", "dd", "sed", "touch", "ls")  # fmt: skip


def busybox() -> str:
    """Return the path of a static busybox, or skip the test and say so."""
    path = shutil.which("busybox")
    if path is None:
        pytest.skip("needs a static busybox (Debian: busybox-static)")
    return path


def make_bundle(folder: Path, *args: str, terminal: bool = False, **changes: Any) -> Path:
    """Make a bundle that runs *args*; *changes* replace top-level keys of its config.json."""
    binaries = folder / "rootfs" / "bin"
    binaries.mkdir(parents=True)
    for name in ("proc", "dev", "sys", "tmp", "etc"):
        (folder / "rootfs" / name).mkdir()
    shutil.copy(busybox(), binaries / "busybox")
    for applet in APPLETS:
        os.symlink("busybox", binaries / applet)
    document = default_document()
    document["process"] |= {"args": list(args), "terminal": terminal}
    document["hostname"] = folder.name
    document |= changes
    (folder / "config.json").write_text(json.dumps(document))
    return folder


def shell_bundle(folder: Path, script: str, **changes: Any) -> Path:
    """Make a bundle that runs a shell script."""
    return make_bundle(folder, "/bin/sh", "-c", script, **changes)


STEADY = "trap 'exit 0' TERM; while :; do sleep 0.05; done"
"""Runs until it is asked to end; TERM gives status 0."""
