"""The terminal connected to a container's own program, while the application is suspended.

Everything here blocks.

A container with a terminal gets every key but the way out, ctrl+p ctrl+q (Docker's and Podman's);
one without is only watched, and ctrl+c or q leaves. The program goes on either way.
"""

from __future__ import annotations

import os
import select
import termios
import tty

from tuicontainer.locations import Locations
from tuicontainer.supervise.attachment import Attachment, Dropped, Ended, Output
from tuicontainer.supervise.client import Client
from tuicontainer.supervise.inventory import find_container

_LEAVE = b"\x10\x11"
"""ctrl+p ctrl+q."""
_LEAVE_WATCHING = (b"\x03", b"q", b"\x1b", _LEAVE)
_LOOK_AT_SIZE = 250
"""Milliseconds: SIGWINCH belongs to the suspended application, so the size is looked at."""


class LeaveKeys:
    """Finds the way out in what is typed, also when it comes in two reads."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, typed: bytes) -> tuple[bytes, bool]:
        """Return what is for the program, and whether the way out was typed."""
        data = self._held + typed
        before, found, _ = data.partition(_LEAVE)
        if found:
            return before, True
        self._held = _LEAVE[:1] if data.endswith(_LEAVE[:1]) else b""
        return data[: len(data) - len(self._held)], False


def attach(locations: Locations, container_id: str) -> str:
    """Connect standard input and output until the program ends or the person leaves.

    Returns:
        Why it ended, in words; empty if the person left.

    Raises:
        FailedPrecondition, NotFound, Unavailable: it can't be attached to.
    """
    terminal = find_container(locations, container_id).terminal
    client = Client(locations)
    # A container without a terminal may have no input, and asking for it would be refused.
    with client.attach(container_id, stdin=terminal, from_start=True) as attachment:
        before = termios.tcgetattr(0)
        tty.setraw(0, termios.TCSANOW)
        try:
            return _relay(attachment)
        finally:
            termios.tcsetattr(0, termios.TCSANOW, before)


def _relay(attachment: Attachment) -> str:
    keys = LeaveKeys()
    size: os.terminal_size | None = None
    poller = select.poll()
    poller.register(0, select.POLLIN)
    poller.register(attachment.fileno(), select.POLLIN)
    while True:
        now = os.get_terminal_size(0)
        if now != size and attachment.terminal:
            size = now
            attachment.resize(size.lines, size.columns)
        for descriptor, _ in poller.poll(_LOOK_AT_SIZE):
            if descriptor != 0:
                said = attachment.receive()
                if not isinstance(said, Output):
                    return _end_in_words(said)
                _write(said.data, raw=attachment.terminal)
                continue
            typed = os.read(0, 4096)
            if not typed:
                return ""
            if not attachment.terminal:
                if typed in _LEAVE_WATCHING:
                    return ""
                continue
            data, left = keys.feed(typed)
            if data:
                attachment.send_input(data)
            if left:
                return ""


def _write(data: bytes, *, raw: bool) -> None:
    """Write to the terminal, which is in raw mode: lines of a pipe need their carriage return."""
    rest = data if raw else data.replace(b"\n", b"\r\n")
    while rest:
        rest = rest[os.write(1, rest) :]


def _end_in_words(said: Ended | Dropped) -> str:
    if isinstance(said, Dropped):
        return f"output was lost: {said.reason}"
    status = said.exit.status
    return "it ended" if status is None else f"it ended with status {status}"
