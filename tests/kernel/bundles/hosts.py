"""Systems of other kinds, laid out in a folder, so that bundles can be run from their programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.busybox import busybox

if TYPE_CHECKING:
    from pathlib import Path


def busybox_host(folder: Path) -> str:
    """Lay out a system as Alpine does: real folders /bin and /sbin, everything is busybox."""
    for name in ("bin", "sbin", "lib", "usr/bin", "usr/sbin"):
        (folder / name).mkdir(parents=True)
    _install(folder / "bin")
    return str(folder)


def store_host(folder: Path) -> str:
    """Lay out a system as NixOS does: /bin has only sh, programs are in a store and a profile."""
    package = "nix/store/0123-busybox/bin"
    (folder / package).mkdir(parents=True)
    _install(folder / package)
    system = folder / "nix/store/4567-system"
    system.mkdir()
    (system / "sw").symlink_to("../0123-busybox")
    for name in ("bin", "usr/bin", "run"):
        (folder / name).mkdir(parents=True)
    (folder / "bin/sh").symlink_to(f"/{package}/sh")
    (folder / "usr/bin/env").symlink_to(f"/{package}/env")
    (folder / "run/current-system").symlink_to("../nix/store/4567-system")
    return str(folder)


def _install(folder: Path) -> None:
    shutil.copy(busybox(), folder / "busybox")
    applets = subprocess.run(
        [folder / "busybox", "--list"], capture_output=True, text=True, check=True
    )
    for name in applets.stdout.split():
        if name != "busybox":
            os.symlink("busybox", folder / name)
