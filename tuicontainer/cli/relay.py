"""Our standard streams and signals to a program in a container, and its output back.

One loop, one thread: it never blocks on the program's input while the program waits for somebody
to read its output, the classic way for `big-file | run … cat` to stand still for ever.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal

from tuicontainer.cli.detach_keys import DetachKeys
from tuicontainer.cli.output import write_bytes
from tuicontainer.cli.terminal import terminal_size
from tuicontainer.supervise.attachment import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType
    from typing import Any

    from tuicontainer.supervise.attachment import Attachment, Dropped, Ended
    from tuicontainer.supervise.sessions import ExecSession

_CHUNK = 32768
_FORWARDED = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


class Signals:
    """Context in which signals wait to be taken instead of acting on us.

    `fileno()` is readable when some wait.
    """

    def __enter__(self) -> Signals:
        self._reader, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._old_wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._before: dict[int, Any] = {}
        for number in (*_FORWARDED, signal.SIGWINCH):
            # A signal that our parent ignores (nohup) stays ignored, for the container too.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, _leave_to_wakeup)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_wakeup)
        os.close(self._reader)
        os.close(self._writer)

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._reader

    def take(self) -> list[int]:
        """Return the numbers of the signals that have come since the last call."""
        try:
            return list(os.read(self._reader, 256))
        except BlockingIOError:
            return []


def _leave_to_wakeup(number: int, frame: FrameType | None) -> None:
    """Stand in as the handler: the interpreter has written the number to the wakeup pipe."""


class InputPump:
    """Takes our standard input to a place that may be full, one chunk at a time."""

    def __init__(
        self,
        target: int,
        send: Callable[[bytes], int],
        finish: Callable[[], None],
        detach_keys: bytes = b"",
    ) -> None:
        """Pump to *target*, polled for writing; *send* returns how many bytes it took."""
        self._keys = DetachKeys(detach_keys) if detach_keys else None
        self._target = target
        self._send = send
        self._finish = finish
        self._pending = b""
        self._open = True

    def add_interests(self, interests: dict[int, int]) -> None:
        """Add what this pump waits for to descriptors and their poll events."""
        if self._pending:
            interests[self._target] = interests.get(self._target, 0) | select.POLLOUT
        elif self._open:
            interests[0] = select.POLLIN

    def step(self, ready: dict[int, int]) -> None:
        """Move a chunk if there is one to move.

        Raises:
            Detached: the person has typed the keys to leave.
        """
        if self._open and not self._pending and ready.get(0, 0):
            try:
                self._pending = os.read(0, _CHUNK)
            except OSError:
                self._pending = b""
            if not self._pending:
                self._stop()
                self._finish()
            elif self._keys is not None:
                self._pending = self._keys.take(self._pending)
        elif self._pending and ready.get(self._target, 0) & (select.POLLOUT | select.POLLERR):
            try:
                self._pending = self._pending[self._send(self._pending) :]
            except OSError:
                # The program closed its input or has ended; its output may still come.
                self._stop()

    def _stop(self) -> None:
        self._open, self._pending = False, b""


def relay_attachment(
    attachment: Attachment,
    *,
    with_input: bool,
    signals: Signals,
    forward: Callable[[int], None],
    detach_keys: bytes = b"",
) -> Ended | Dropped:
    """Relay until the container's instance has ended or the monitor cuts us off.

    Raises:
        Detached: the keys were typed.
        Unavailable: the monitor died.
        OutputClosed: nobody reads our output any more.
    """
    far = attachment.fileno()

    def send(data: bytes) -> int:
        attachment.send_input(data)
        return len(data)

    def finish() -> None:
        if not attachment.terminal:
            with contextlib.suppress(BrokenPipeError):
                attachment.close_input()

    pump = InputPump(far, send, finish, detach_keys) if with_input else None
    while True:
        ready = _poll({far: select.POLLIN, signals.fileno(): select.POLLIN}, pump)
        if ready.get(far, 0) & _READABLE:
            packet = attachment.receive()
            if not isinstance(packet, Output):
                return packet
            write_bytes(packet.data, 1 if packet.stream == "stdout" else 2)
        for number in signals.take():
            if number != signal.SIGWINCH:
                forward(number)
            elif attachment.terminal and (size := terminal_size()) is not None:
                # A broken pipe means that it has just ended; `receive` tells how.
                with contextlib.suppress(BrokenPipeError):
                    attachment.resize(*size)
        if pump is not None:
            pump.step(ready)


def relay_exec(
    session: ExecSession, *, outputs: dict[int, int], input: int | None, signals: Signals
) -> int:
    """Relay until the program has ended; return its exit status.

    Args:
        session: the program.
        outputs: descriptors to read from (non-blocking), and where each goes: 1 or 2.
        input: where our standard input goes (non-blocking), or None; it is closed at the end of
            input unless it is also an output, as a terminal is.
        signals: those that reach us are sent on.
    """
    pump = None
    if input is not None:
        target = input

        def finish() -> None:
            if target not in outputs:
                os.close(target)

        pump = InputPump(target, lambda data: os.write(target, data), finish)
    while True:
        interests = dict.fromkeys(outputs, select.POLLIN)
        interests |= {session.fileno(): select.POLLIN, signals.fileno(): select.POLLIN}
        ready = _poll(interests, pump)
        for descriptor in [descriptor for descriptor in outputs if descriptor in ready]:
            if ready[descriptor] & _READABLE and not _pass_on(descriptor, outputs[descriptor]):
                del outputs[descriptor]
        for number in signals.take():
            if number != signal.SIGWINCH:
                session.kill(number)
            elif session.console is not None and (size := terminal_size()) is not None:
                session.resize(*size)
        if pump is not None:
            pump.step(ready)
        if session.fileno() in ready:
            # What the program left in the pipes comes out, but not what its children may still
            # write: nobody waits for a daemon that kept them open.
            for descriptor, ours in outputs.items():
                while _pass_on(descriptor, ours) is True:
                    pass
            return session.wait()


def _pass_on(descriptor: int, ours: int) -> bool | None:
    """Pass one chunk on; False at the end of file, None if nothing is there now."""
    try:
        data = os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        # EIO: the last process that had the terminal open has closed it (pty(7)).
        return False
    if not data:
        return False
    write_bytes(data, ours)
    return True


def _poll(interests: dict[int, int], pump: InputPump | None) -> dict[int, int]:
    if pump is not None:
        pump.add_interests(interests)
    poller = select.poll()
    for descriptor, events in interests.items():
        poller.register(descriptor, events)
    return dict(poller.poll())
