"""manifest.json of a shipped bundle: which of its files go where when it is assembled.

    {"files": {"rootfs/bundle/web.sh": {"source": "web.sh", "mode": "0755"}},
     "shared": ["trace"]}

`files` are copied from beside the manifest into the folder of one assembled version; those below
`rootfs/` are seen in the container. `shared` are folders that all versions and containers of the
bundle write into. Wheels don't keep modes, so the manifest has them, in octal as chmod(1) does.
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.spec.fields import Fields, refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MANIFEST = "manifest.json"
_MODES = {"0644": 0o644, "0755": 0o755}


class ManifestFile(Record):
    """One file to copy."""

    path: str
    """In the folder of the assembled version."""
    source: str
    """Beside the manifest."""
    mode: int


class Manifest(Record):
    """What a shipped bundle has beside its config.json."""

    files: tuple[ManifestFile, ...] = ()
    shared: tuple[str, ...] = ()


def decode_manifest(document: dict[str, Any]) -> Manifest:
    """Return the records of a parsed manifest.json.

    Raises:
        InvalidArgument: a field is missing or wrong, or a path leads out of the bundle.
    """
    fields = Fields(document)
    files = fields.object("files")
    return Manifest(
        files=() if files is None else tuple(_file(files, path) for path in files.names()),
        shared=tuple(_inside(fields.at("shared"), path) for path in fields.texts("shared")),
    )


def _file(files: Fields, path: str) -> ManifestFile:
    entry = Fields(files.need(path), files.at(path))
    return ManifestFile(
        path=_inside(files.at(path), path),
        source=_inside(entry.at("source"), entry.need_text("source")),
        mode=_MODES[entry.need_one_of("mode", tuple(_MODES))],
    )


def _inside(where: str, path: str) -> str:
    if any(step in {"", ".", ".."} for step in path.split("/")):
        raise refuse(where, path, "must be a plain relative path")
    return path
