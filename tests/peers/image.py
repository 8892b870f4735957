"""A small image made on the spot, in the form that `docker save` writes and every engine loads."""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import tarfile
from typing import TYPE_CHECKING

from tests.busybox import APPLETS, busybox

if TYPE_CHECKING:
    from pathlib import Path

NAME = "localhost/busybox:latest"
"""With a host in it, so that no engine puts a registry's in front."""

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_ACCOUNTS = {"etc/passwd": "root:x:0:0::/:/bin/sh\nguest:x:1000:1001::/:/bin/sh\n",
             "etc/group": "root:x:0:\nguest:x:1001:\nextra:x:2000:guest\n"}  # fmt: skip


def write_image(path: Path) -> Path:
    """Write an image of one layer, a static busybox and two accounts, to *path*."""
    layer = _layer()
    machine = platform.machine()
    configuration = {
        "architecture": _ARCHITECTURES.get(machine, machine),
        "os": "linux",
        "config": {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [NAME], "Layers": ["layer.tar"]}]
    with tarfile.open(path, "w") as archive:
        _add(archive, "layer.tar", layer)
        _add(archive, "config.json", json.dumps(configuration).encode())
        _add(archive, "manifest.json", json.dumps(manifest).encode())
    return path


def _layer() -> bytes:
    with io.BytesIO() as buffer:
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for name in ("bin", "dev", "etc", "proc", "sys", "tmp"):
                folder = tarfile.TarInfo(name)
                folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(folder)
            archive.add(os.path.realpath(busybox()), "bin/busybox")
            for applet in APPLETS:
                link = tarfile.TarInfo(f"bin/{applet}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(link)
            for name, text in _ACCOUNTS.items():
                _add(archive, name, text.encode())
        return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    archive.addfile(entry, io.BytesIO(content))
