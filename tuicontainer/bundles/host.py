"""What a shipped bundle borrows from the host: programs and libraries, read-only.

    /usr                        bound
    /bin /sbin /lib*            symlinks where the host has symlinks, else bound (Alpine)
    /nix/store /gnu/store       bound where the host keeps its programs there
    /etc/alternatives …         bound: links and caches without which programs don't start

Sources: UsrMerge (Debian, Fedora), hier(7), ld.so(8), ld-musl's path file, update-alternatives(1),
NixOS manual (system profile).
"""

from __future__ import annotations

import os

from tuicontainer.record import Record

_TREES = ("/usr", "/nix/store", "/gnu/store")
_LINKED = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/libo32")
_ETC_FOLDERS = ("/etc/alternatives", "/etc/terminfo")
_ETC_FILES = ("/etc/ld.so.cache", f"/etc/ld-musl-{os.uname().machine}.path")
_PROFILES = ("/run/current-system/sw/bin", "/run/current-system/profile/bin")
"""Where NixOS and Guix System link their programs; the link's target lies in the store."""


class HostParts(Record):
    """The parts of one host. Paths are as seen in the container."""

    folders: tuple[str, ...]
    """Bound read-only, in this order."""
    files: tuple[str, ...]
    """Bound read-only."""
    links: tuple[tuple[str, str], ...]
    """Symlinks to make: name and target."""
    program_folders: tuple[str, ...]
    """To be added to PATH."""


def find_host_parts(host: str = "/") -> HostParts:
    """Look at the host's layout.

    Args:
        host: the host's root; another folder for a system that is laid out there.
    """
    folders, links = [], []
    for path in _LINKED:
        place = _below(host, path)
        if os.path.islink(place):
            links.append((path, os.readlink(place)))
        elif os.path.isdir(place):
            folders.append(path)
    folders += [path for path in (*_TREES, *_ETC_FOLDERS) if os.path.isdir(_below(host, path))]
    return HostParts(
        folders=tuple(folders),
        files=tuple(path for path in _ETC_FILES if os.path.isfile(_below(host, path))),
        links=tuple(links),
        program_folders=tuple(_profiles(host)),
    )


def _profiles(host: str) -> list[str]:
    """Return where the programs of a host with a store are, by their names in the store."""
    base = os.path.realpath(host)
    found = []
    for path in _PROFILES:
        target = os.path.realpath(_below(host, path))
        inside = target if base == "/" else target.removeprefix(base)
        if inside.startswith(("/nix/store/", "/gnu/store/")) and os.path.isdir(target):
            found.append(inside)
    return found


def _below(host: str, path: str) -> str:
    return os.path.join(host, path.lstrip("/"))
