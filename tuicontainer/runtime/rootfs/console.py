"""The container's terminal, made from its own devpts.

Source: config.md#process (terminal, consoleSize), config-linux.md#default-devices, ioctl_tty(2).
"""

from __future__ import annotations

from tuicontainer.record import Record


class Console(Record):
    """A pseudo-terminal pair of the container; both descriptors are close-on-exec.

    The caller owns both: the master goes to whoever shows the terminal, the slave becomes standard
    input, output and error and, after setsid, the controlling terminal.
    """

    master: int
    slave: int
