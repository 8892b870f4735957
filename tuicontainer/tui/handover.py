"""The terminal given to another program, and taken back as it was.

Inside `App.suspend` everything blocks on purpose: an await there would hang the application,
because Textual's writer thread is stopped while its queue of 30 writes is full of repaints.
"""

from __future__ import annotations

import os
import subprocess
import sys
import termios
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from textual.app import App

from tuicontainer.engine.api import EngineInfo
from tuicontainer.errors import TuiContainerError
from tuicontainer.locations import Locations

ResultT = TypeVar("ResultT")

_RESET = "\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1l\x1b[?2004l\x1b(B"
"""Colours, visible cursor, line wrap, cursor keys, bracketed paste and character set as usual."""
_OWN_FAILURES = (125, 126, 127)
"""Exit statuses with which the program wasn't even started; their reason is on the screen."""


def own_command(info: EngineInfo) -> tuple[str, ...]:
    """Return how this program's command line is started on the same roots.

    Isolated (`-I`) from the person's environment and present folder, which root must not import
    from; what is importable here is importable there.
    """
    paths = [path for path in sys.path if os.path.isabs(path)]
    program = (
        f"import sys; sys.path[:] = {paths!r}; "
        "from tuicontainer.cli.main import main; sys.exit(main())"
    )
    roots = ("--root", info.state_root, "--data-root", info.data_root)
    return (sys.executable, "-I", "-S", "-c", program, *roots)


def run_program(app: App[Any], words: Sequence[str], title: str) -> int:
    """Run *words* with the whole terminal and return its exit status.

    Raises:
        SuspendNotSupported: this terminal can't be handed over.
    """

    def run() -> int:
        try:
            status = subprocess.call(list(words))
        except OSError as error:
            _write(f"{words[0]}: {(error.strerror or '').lower()}\n")
            status = 127
        if status in _OWN_FAILURES:
            _wait_for_enter()
        return status

    return _with_terminal(app, title, run)


def run_attached(app: App[Any], locations: Locations, container_id: str, title: str) -> None:
    """Connect the whole terminal to a container's own program.

    Raises:
        SuspendNotSupported: this terminal can't be handed over.
    """

    def run() -> None:
        from tuicontainer.tui.attach import attach

        try:
            reason = attach(locations, container_id)
        except TuiContainerError as error:
            reason = f"{error.message} (hint: {error.hint})" if error.hint else error.message
        if reason:
            _write(f"\n\x1b[7m {reason} \x1b[0m")
            _wait_for_enter()

    _with_terminal(app, title, run)


def _with_terminal(app: App[Any], title: str, run: Callable[[], ResultT]) -> ResultT:
    with app.suspend():
        saved = _terminal_attributes()
        _write(f"\r\n\x1b[7m {title} \x1b[0m\r\n")
        try:
            return run()
        finally:
            _restore(saved)


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
    os.read(0, 4096)


def _write(text: str) -> None:
    os.write(1, text.encode())
