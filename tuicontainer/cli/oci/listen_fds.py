"""Sockets that systemd opened for the service: LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES.

Imported only where LISTEN_FDS is set. Sources: sd_listen_fds(3); runc utils_linux.go, crun
container.c.
"""

from __future__ import annotations

import fcntl
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Config

_FIRST = 3


def with_listen_fds(config: Config, preserve: int) -> tuple[Config, int]:
    """Pass the sockets on; they come before what `--preserve-fds` counts.

    Returns:
        The configuration whose program is told of them as its first process (LISTEN_PID=1), and
        how many descriptors it keeps.
    """
    word, addressee = os.environ.get("LISTEN_FDS", ""), os.environ.get("LISTEN_PID", "")
    if not (word.isascii() and word.isdigit()) or config.process is None:
        return config, preserve
    if addressee not in ("", str(os.getpid())):
        # They are somebody else's, whose environment we have got.
        return config, preserve
    count = _count_open(min(int(word), 1024))
    env = [*config.process.env, f"LISTEN_FDS={count}", "LISTEN_PID=1"]
    names = os.environ.get("LISTEN_FDNAMES")
    if names is not None:
        env.append(f"LISTEN_FDNAMES={names}")
    return config.replace(process=config.process.replace(env=tuple(env))), preserve + count


def _count_open(promised: int) -> int:
    """Return how many of the promised descriptors are really there."""
    for number in range(promised):
        try:
            fcntl.fcntl(_FIRST + number, fcntl.F_GETFD)
        except OSError:
            return number
    return promised
