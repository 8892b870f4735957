"""The few files that every assembled root filesystem has of its own, beside the host's programs.

Sources: passwd(5), group(5), hosts(5), nsswitch.conf(5), os-release(5).
"""

from __future__ import annotations

_USERS = """\
root:x:0:0:root:/root:/bin/sh
user:x:1000:1000:user:/tmp:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
"""
_GROUPS = """\
root:x:0:
tty:x:5:
user:x:1000:
nogroup:x:65534:
"""
# Without it the C library may ask services (systemd, LDAP) that aren't there.
_NSSWITCH = """\
passwd: files
group: files
hosts: files dns
"""

LINKS = (("/etc/os-release", "../usr/lib/os-release"), ("/etc/mtab", "../proc/self/mounts"))
"""Symlinks: name and target."""


def skeleton_files(hostname: str) -> dict[str, str]:
    """Return the content by path of the files that belong to every root filesystem."""
    own_name = f"127.0.1.1 {hostname}\n" if hostname else ""
    return {
        "/etc/passwd": _USERS,
        "/etc/group": _GROUPS,
        "/etc/nsswitch.conf": _NSSWITCH,
        "/etc/hosts": f"127.0.0.1 localhost\n::1 localhost\n{own_name}",
        "/etc/resolv.conf": "",
    }
