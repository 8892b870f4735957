"""The running `criu swrk`: started, asked, listened to, and quoted when it fails."""

from __future__ import annotations

import fcntl
import os

from tuicontainer.errors import (
    FailedPrecondition,
    Internal,
    TuiContainerError,
    Unsupported,
    describe_failure,
)
from tuicontainer.record import Record
from tuicontainer.runtime.criu.options import NOTIFY, encode_reply, encode_request
from tuicontainer.runtime.criu.wire import Message
from tuicontainer.runtime.process.lookup import find_program
from tuicontainer.syscalls.clone import clone3
from tuicontainer.syscalls.process import set_parent_death_signal
from tuicontainer.syscalls.signals import SIGKILL, pidfd_send_signal, reset_signals
from tuicontainer.syscalls.sockets import packet_pair, receive_packet, send_packet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from tuicontainer.runtime.criu.options import Options

SOCKET = 3
"""Descriptor of the conversation in criu; those passed on follow it."""
FIRST_PASSED = SOCKET + 1
_DEFAULT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_LARGEST_ANSWER = 40960
_QUOTED_LINES = 5
_QUOTED_BYTES = 65536


class Notification(Record):
    """What criu tells of while it works."""

    name: str
    """Such as `setup-namespaces` or `post-restore`."""
    pid: int
    """Of the tree's first process, 0 where there is none yet."""
    fd: int | None
    """A descriptor that came with it; the receiver closes it."""


def find_criu() -> str:
    """Return the program's path.

    Raises:
        Unsupported: it isn't installed.
    """
    try:
        return _find("criu")
    except TuiContainerError as error:
        raise Unsupported(
            "`criu` isn't installed: it saves processes and brings them back",
            hint="Debian: apt install criu",
        ) from error


def has_iptables() -> bool:
    """Tell whether criu can call iptables, by which it holds packets back unless told otherwise."""
    try:
        _find("iptables-restore")
    except TuiContainerError:
        return False
    return True


def _find(name: str) -> str:
    return find_program(name, [f"PATH={os.environ.get('PATH') or _DEFAULT_PATH}"])


class Criu:
    """One conversation. Close it at the end; a process that it brought back isn't ended."""

    def __init__(
        self,
        program: str,
        *,
        flags: int = 0,
        passed: Sequence[int] = (),
        prepare: Callable[[], Sequence[int]] | None = None,
    ) -> None:
        """Start it.

        The descriptors in its options are its own: criu looks them up in the process that made the
        socket of the conversation, which therefore is made in it.

        Args:
            program: its path.
            flags: CLONE_NEW… bits of namespaces that it gets.
            passed: descriptors it gets as 4, 5, ….
            prepare: called in it before it is executed, in those namespaces; returns what it gets
                after *passed*. A folder in which it mounts must be opened there.

        Raises:
            TuiContainerError: it can't be executed.
        """
        outer, inner = packet_pair()
        failure_read, failure = os.pipe()
        try:
            self.pid, self._pidfd = clone3(flags)
            if self.pid == 0:
                _execute(program, inner, passed, failure, prepare)
        except OSError as error:
            os.close(outer)
            os.close(failure_read)
            raise describe_failure(error, while_="starting criu") from error
        finally:
            os.close(inner)
            os.close(failure)
        _, ours = receive_packet(outer, 1)
        os.close(outer)
        self._ours = -1 if ours is None else ours
        with open(failure_read, "rb") as file:
            told = file.read().decode()
        if told:
            self.close()
            raise FailedPrecondition(f"starting criu: {told}")

    def ask(
        self, kind: int, options: Options, heed: Callable[[Notification], None]
    ) -> Message | None:
        """Make a request and return criu's response, or None if it gave none or no success.

        Args:
            kind: DUMP, PRE_DUMP or RESTORE.
            options: of the request.
            heed: called at each notification; criu goes on when it returns.

        Raises:
            TuiContainerError: what `heed` raised.
            Internal: an answer that isn't criu's.
        """
        try:
            send_packet(self._ours, encode_request(kind, options))
            while True:
                packet, fd = receive_packet(self._ours, _LARGEST_ANSWER)
                if not packet:
                    return None
                response = Message(packet)
                if not response.number(2):
                    return None
                if response.number(1) != NOTIFY:
                    return response
                notify = response.message(5)
                if notify is None:
                    raise Internal("criu notifies of nothing")
                heed(Notification(name=notify.text(1), pid=notify.number(2), fd=fd))
                send_packet(self._ours, encode_reply())
        except ValueError as error:
            raise Internal(f"criu's answer can't be read: {error}") from error
        except BrokenPipeError:
            return None

    def close(self) -> int:
        """End the conversation and criu with it; return its exit status."""
        if self._pidfd < 0:
            return 0
        if self._ours >= 0:
            os.close(self._ours)
        _, status = os.waitpid(self.pid, 0)
        os.close(self._pidfd)
        self._pidfd = -1
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        if self._pidfd >= 0:
            pidfd_send_signal(self._pidfd, SIGKILL)
            self.close()


def failure(verb: str, folder: int, log_file: str) -> TuiContainerError:
    """Return the error for a request that failed, with criu's own words.

    Args:
        verb: what criu was to do.
        folder: descriptor of the folder of its log.
        log_file: its name there.
    """
    lines = _last_errors(folder, log_file)
    quoted = "; ".join(lines) or "it left no word in its log"
    return FailedPrecondition(
        f"criu failed to {verb}: {quoted}",
        hint=f"`criu check` tells whether it works on this host; all it said is in `{log_file}`",
    )


def _last_errors(folder: int, log_file: str) -> list[str]:
    """Return the last lines of criu's log that tell of errors, without time and place."""
    try:
        fd = os.open(log_file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=folder)
    except OSError:
        return []
    with open(fd, "rb") as file:
        size = os.fstat(fd).st_size
        file.seek(max(0, size - _QUOTED_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    errors = [line.partition("Error ")[2] for line in lines if "Error " in line]
    return [line.partition("): ")[2].strip() or line for line in errors[-_QUOTED_LINES:]]


def _execute(
    program: str,
    channel: int,
    passed: Sequence[int],
    failure: int,
    prepare: Callable[[], Sequence[int]] | None,
) -> NoReturn:
    """In the child: become criu, or tell why not."""
    try:
        set_parent_death_signal(SIGKILL)
        opened = () if prepare is None else prepare()
        theirs, ours = packet_pair()
        send_packet(channel, b"s", with_fd=ours)
        os.close(ours)
        _place((theirs, *passed, *opened))
        reset_signals()
        os.execve(program, ["criu", "swrk", str(SOCKET)], dict(os.environ))  # noqa: S606 - no shell
    except BaseException as error:  # noqa: BLE001 - nothing may return into the runtime's own code
        os.write(failure, describe_failure(error, while_="preparing the root").message.encode())
    finally:
        os._exit(127)


def _place(descriptors: Sequence[int]) -> None:
    """Put descriptors at 3, 4, … and let the exec keep those."""
    # First out of each other's way.
    free = SOCKET + len(descriptors)
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, free) for fd in descriptors]
    for index, fd in enumerate(high):
        os.dup2(fd, SOCKET + index)
