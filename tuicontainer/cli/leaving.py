"""The end of a command."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def leave(status: int) -> NoReturn:
    """End the process with an exit status.

    The interpreter isn't taken down first, which takes 2 ms, as long as a small verb itself: the
    kernel frees all of it at once. Only where there may be threads, they get their usual end.
    """
    if "threading" in sys.modules:
        sys.exit(status)
    try:
        sys.stdout.flush()
    except OSError as error:
        # As after any other failure; `sys.exit` would say it in other words.
        os.write(2, f"standard output: {error.strerror}\n".encode())
        status = status or 1
    os._exit(status)
