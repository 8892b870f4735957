"""The terminal given to another program, and taken back as it was.

Inside `App.suspend` everything blocks on purpose: an await there would hang the application,
because Textual's writer thread is stopped while its queue of 30 writes is full of repaints.
"""

from __future__ import annotations

import os
import subprocess
import sys
import termios
from collections.abc import Sequence
from typing import Any

from textual.app import App

_RESET = "\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1l\x1b[?2004l\x1b(B"
"""Colours, visible cursor, line wrap, cursor keys, bracketed paste and character set as usual."""
_OWN_FAILURES = (125, 126, 127)
"""Exit statuses with which the program wasn't even started; their reason is on the screen."""


def own_command() -> tuple[str, ...]:
    """Return how this program is started again, safe from whatever lies in the present folder."""
    return (
        sys.executable,
        "-P",
        "-c",
        "import sys;from tuicontainer.cli.main import main;sys.exit(main())",
    )


def hand_over(app: App[Any], words: Sequence[str], title: str) -> int:
    """Run *words* with the whole terminal and return its exit status."""
    with app.suspend():
        saved = _terminal_attributes()
        _write(f"\x1b[2J\x1b[H\x1b[7m {title} \x1b[0m\n\n")
        try:
            status = subprocess.call(list(words))
        except OSError as error:
            _write(f"{words[0]}: {(error.strerror or '').lower()}\n")
            status = 127
        finally:
            _restore(saved)
        if status in _OWN_FAILURES:
            _wait_for_enter()
    return status


def _terminal_attributes() -> Any:
    try:
        return termios.tcgetattr(0)
    except (termios.error, OSError):
        return None


def _restore(saved: Any) -> None:
    """Undo what a program that was killed may have left behind."""
    _write(_RESET)
    if saved is not None:
        termios.tcsetattr(0, termios.TCSAFLUSH, saved)


def _wait_for_enter() -> None:
    _write("\n\x1b[2mpress enter to go back\x1b[0m")
    sys.stdin.readline()


def _write(text: str) -> None:
    os.write(1, text.encode())
