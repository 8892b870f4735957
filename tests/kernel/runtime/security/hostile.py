"""What hostile containers do, as shell scripts, and what the host is measured by."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

OVERWRITE = """
while :; do
    for process in /proc/[0-9]*; do
        ( exec 9< "$process/exe" && for try in 1 2 3; do echo evil > /proc/self/fd/9; done
          echo evil > "$process/exe" ) 2> /dev/null
    done
done
"""
"""Holds the executable of each process that it sees and writes to it once nobody executes it."""

SPY = """
while :; do
    ls -l /proc/[0-9]*/exe /proc/[0-9]*/root /proc/[0-9]*/cwd /proc/[0-9]*/fd
    cat /proc/[0-9]*/maps
    cat /proc/[0-9]*/environ | busybox tr '\\000' '\\n' | sed 's/=.*/=/'
done 2> /dev/null | sed -n 's/.* -> //p; s/^[0-9a-f]*-.* \\//\\//p; /^[A-Za-z_]*=$/p' >> /seen
"""
"""Writes down which files every process that it sees has executed, opened and mapped, and the
names of its variables."""

_CONTAINERS = re.compile(
    r"""
    /(bin/busybox|seen)?
    | /memfd:tuicontainer-(waiter|entrant)[ ]\(deleted\)
    | /dev/(null|tty|pts/\d+)
    | (pipe|socket):.*
    | /.*/gate(\.result)?                        # FIFOs, nothing can be reached through them
    | /proc(/.*)?                                # what the spy itself has open
    | (PATH|TERM|HOME|SHLVL|PWD|OLDPWD|LD_PRELOAD)=
    """,
    re.VERBOSE,
)


def host_seen(rootfs: Path, streams: Path) -> list[str]:
    """Return what of the host the `SPY` in a container has seen.

    Args:
        rootfs: the container's.
        streams: the folder of the files that containers were given as their streams.
    """
    # The last line may be half written.
    lines = set((rootfs / "seen").read_bytes().decode(errors="replace").split("\n")[:-1])
    assert "/bin/busybox" in lines, "the spy has seen nothing at all"
    return sorted(
        line
        for line in lines
        if not _CONTAINERS.fullmatch(line) and os.path.dirname(line) != str(streams)
    )


def interpreter() -> dict[str, str]:
    """Return the digest of the interpreter and of each library that it has mapped."""
    paths = {os.path.realpath(sys.executable)}
    for line in Path("/proc/self/maps").read_text().splitlines():
        path = line.split(None, 5)[5:]
        if path and path[0].startswith("/") and os.path.isfile(path[0]):
            paths.add(path[0])
    return {path: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths}
