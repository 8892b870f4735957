"""Computes what an assembled bundle consists of, for this host, without writing anything.

The config.json of a shipped bundle is complete but for what depends on the host: the read-only
mounts of its programs, their folders in PATH, and absolute paths, which it writes as `@version@`
(the folder of this assembled version).
"""

from __future__ import annotations

import os
import zlib

from tuicontainer.bundles.host import find_host_parts
from tuicontainer.bundles.load import decode_document, read_bounded, read_document
from tuicontainer.bundles.manifest import MANIFEST, Manifest, decode_manifest
from tuicontainer.bundles.skeleton import LINKS, skeleton_files
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.bundles.host import HostParts

VERSIONS = "versions"
_VERSION_PLACEHOLDER = "@version@"
_BIND = ["rbind", "rro", "rnosuid", "rnodev"]


class AssembledFile(Record):
    """One file of a version's folder."""

    path: str
    """Relative to the folder."""
    content: bytes
    mode: int


class Contents(Record):
    """What a bundle has beside its config.json."""

    files: tuple[AssembledFile, ...]
    folders: tuple[str, ...]
    """Empty ones, such as mount points, relative to the version's folder."""
    links: tuple[tuple[str, str], ...]
    """Symlinks, relative to the version's folder, with their targets."""
    shared: tuple[str, ...]
    """Folders beside all versions."""


class Assembly(Contents):
    """One version of one bundle for this host."""

    folder: str
    """The bundle's folder in the data root, absolute."""
    version: str
    """Changes when anything else here does."""
    config: bytes
    """The final config.json."""

    @property
    def version_folder(self) -> str:
        """Folder of this version, absolute."""
        return os.path.join(self.folder, VERSIONS, self.version)


def plan_assembly(source: str, folder: str, *, host: str = "/") -> Assembly:
    """Return what the bundle is to consist of.

    Args:
        source: the shipped bundle, absolute.
        folder: where it is assembled, absolute.
        host: the root of the system whose programs it uses.

    Raises:
        InvalidArgument, NotFound, Unsupported: the shipped bundle is broken.
    """
    document = read_document(source)
    contents = plan_contents(document, source, host=host)
    assembly = Assembly(folder=folder, version="", config=b"", **dict(contents.items()))
    version = _version(document, assembly)
    document = with_paths(document, os.path.join(folder, VERSIONS, version))
    document["root"]["path"] = f"{VERSIONS}/{version}/rootfs"
    return assembly.replace(version=version, config=to_json(document))


def plan_contents(
    document: dict[str, Any], source: str | None = None, *, host: str = "/"
) -> Contents:
    """Return what belongs beside a config.json whose programs are the host's, and complete it.

    Args:
        document: the parsed config.json; gets the mounts of the host's programs.
        source: the shipped bundle with a manifest; None if there are no files but those.
        host: the root of the system whose programs it uses.

    Raises:
        InvalidArgument, NotFound, Unsupported: the shipped bundle is broken.
    """
    config = decode_document(source or "template", document)
    manifest = Manifest()
    if source is not None:
        manifest = decode_manifest(read_document(source, MANIFEST))
    parts = find_host_parts(host)

    mounts = [*_host_mounts(parts, host), *document.get("mounts", [])]
    document["mounts"] = mounts
    _extend_path(document, parts)
    files = [
        *(
            AssembledFile(path=f"rootfs{path}", content=text.encode(), mode=0o644)
            for path, text in skeleton_files(config.hostname or "").items()
        ),
        # Files can be mounted on files only.
        *(AssembledFile(path=f"rootfs{path}", content=b"", mode=0o644) for path in parts.files),
        *(
            AssembledFile(
                path=entry.path,
                content=read_bounded(os.path.join(source or "", entry.source)),
                mode=entry.mode,
            )
            for entry in manifest.files
        ),
    ]
    folders = [
        f"rootfs{mount['destination']}"
        for mount in mounts
        if mount["destination"] not in parts.files
    ]
    links = [(f"rootfs{name}", target) for name, target in (*parts.links, *LINKS)]
    return Contents(
        files=tuple(files), folders=tuple(folders), links=tuple(links), shared=manifest.shared
    )


def _host_mounts(parts: HostParts, host: str) -> list[dict[str, Any]]:
    return [
        {
            "destination": path,
            "type": "bind",
            "source": os.path.join(host, path.lstrip("/")),
            "options": _BIND,
        }
        for path in (*parts.folders, *parts.files)
    ]


def _extend_path(document: dict[str, Any], parts: HostParts) -> None:
    environment = document["process"].get("env", [])
    for index, entry in enumerate(environment):
        if entry.startswith("PATH="):
            environment[index] = ":".join((entry, *parts.program_folders))


def with_paths(value: Any, version_folder: str) -> Any:
    """Return *value* with the placeholder `@version@` replaced in every string."""
    if isinstance(value, str):
        return value.replace(_VERSION_PLACEHOLDER, version_folder)
    if isinstance(value, list):
        return [with_paths(entry, version_folder) for entry in value]
    if isinstance(value, dict):
        return {key: with_paths(entry, version_folder) for key, entry in value.items()}
    return value


def _version(document: dict[str, Any], assembly: Assembly) -> str:
    """Return a short checksum of everything: it tells versions apart, it doesn't authenticate."""
    words = [to_json(document), *(repr(value).encode() for _, value in assembly.items())]
    return f"{zlib.crc32(bytes(1).join(words)):08x}"


def to_json(document: dict[str, Any]) -> bytes:
    """Return the text of a config.json."""
    from tuicontainer.jsontext import dumps

    return dumps(document, indent=2).encode() + b"\n"
