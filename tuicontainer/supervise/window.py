"""The size of a terminal, as programs in it see it. Source: ioctl_tty(2), TIOCSWINSZ."""

from __future__ import annotations

import fcntl
import struct
import termios

from tuicontainer.errors import InvalidArgument

_SIZE = struct.Struct("=4H")
_LARGEST = 65535


def set_window_size(console: int, height: int, width: int) -> None:
    """Set the size in characters; processes in the terminal's foreground get SIGWINCH.

    Raises:
        InvalidArgument: the kernel keeps 16 bits of each.
        OSError: the descriptor is no terminal.
    """
    if not (0 <= height <= _LARGEST and 0 <= width <= _LARGEST):
        raise InvalidArgument(f"a terminal can't have {height} lines of {width} characters")
    fcntl.ioctl(console, termios.TIOCSWINSZ, _SIZE.pack(height, width, 0, 0))
