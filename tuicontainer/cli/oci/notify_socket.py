"""NOTIFY_SOCKET: the container tells that it is ready, and who started us hears of it.

The service manager's socket itself stays out of the container: with it a container could name any
process of the host as the service's. Instead the state folder has a folder with a socket of ours,
which is mounted at the path that NOTIFY_SOCKET had. What arrives there is not passed on as it is:
only `READY=1`. `start` and a detached `run` wait for that, as they leave nobody behind who could
pass it on later; they add which process is the service's. Imported only where NOTIFY_SOCKET is set.
Sources: sd_notify(3); runc notify_socket.go; crun container.c.
"""

from __future__ import annotations

import os
import select

from tuicontainer.errors import describe_failure
from tuicontainer.spec.config import Mount
from tuicontainer.syscalls.packet_sockets import send_packet
from tuicontainer.syscalls.sockets import bind_datagram, connect_datagram, receive_packet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.config import Config

VARIABLE = "NOTIFY_SOCKET"
FOLDER = "notify"
"""In the state folder."""
_NAME = "notify"
_FALLBACK = "/run/notify"
"""Where the folder is seen if the manager's socket has no path (it is an abstract one)."""
_READY = b"READY=1"
_LONGEST = 4096
_BARRIER_MS = 30_000
"""How long the manager may take to read; sd_notify_barrier's callers wait about that long."""


def with_notify_socket(config: Config, state_folder: str, manager: str) -> Config:
    """Return the configuration in which the container sees our socket.

    Args:
        config: the bundle's.
        state_folder: path of the container's, which will have `FOLDER`.
        manager: NOTIFY_SOCKET as it was given to us.
    """
    if config.process is None:
        return config
    place = manager if manager.startswith("/") else _FALLBACK
    mount = Mount(
        destination=place,
        type="bind",
        source=os.path.join(state_folder, FOLDER),
        options=("bind", "nosuid", "noexec", "nodev", "ro"),
    )
    kept = (entry for entry in config.process.env if not entry.startswith(f"{VARIABLE}="))
    process = config.process.replace(env=(*kept, f"{VARIABLE}={place}/{_NAME}"))
    return config.replace(mounts=(*config.mounts, mount), process=process)


class NotifySocket:
    """Our end of the container's socket, and a way to the manager's.

    Attributes:
        fd: readable when the container says something.
    """

    __slots__ = ("_manager", "fd")

    def __init__(self, fd: int, manager: str) -> None:
        self.fd = fd
        self._manager = manager

    def relay(self, pid: int | None) -> bool:
        """Take one message and pass it on if it says that the container is ready.

        Args:
            pid: the process that the manager shall watch from now on; None: ours.

        Returns:
            Whether it was.
        """
        message, stray = receive_packet(self.fd, _LONGEST)
        if stray is not None:
            os.close(stray)
        if _READY not in message.split(b"\n"):
            return False
        try:
            connection = connect_datagram(self._manager)
        except OSError:
            # The manager has gone. That is no reason to end its service.
            return True
        try:
            send_packet(connection, _READY)
            if pid is not None:
                send_packet(connection, b"MAINPID=%d" % pid)
                _await_reader(connection)
        except OSError:
            return True
        finally:
            os.close(connection)
        return True

    def wait(self, pid: int, pidfd: int) -> None:
        """Return when the container has said that it is ready, or has ended."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        poll.register(pidfd, select.POLLIN)
        while True:
            ready = dict(poll.poll())
            if (self.fd in ready and self.relay(pid)) or pidfd in ready:
                return

    def close(self) -> None:
        """Stop listening."""
        os.close(self.fd)


def open_notify_socket(root: str, container_id: str) -> NotifySocket | None:
    """Listen for the container; None if it was made without NOTIFY_SOCKET, or we have none.

    Raises:
        TuiContainerError: the socket can't be made.
    """
    manager = os.environ.get(VARIABLE)
    if not manager:
        return None
    path = os.path.join(root, container_id, FOLDER)
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise describe_failure(error, while_="opening the notification folder") from error
    try:
        return NotifySocket(bind_datagram(folder, _NAME), manager)
    except OSError as error:
        raise describe_failure(error, while_="making the notification socket") from error
    finally:
        os.close(folder)


def _await_reader(connection: int) -> None:
    """Return when the manager has read everything, as it tells by closing a pipe of ours.

    Before that we mustn't end: it looks up by the sender's pid whose message it is.
    """
    reader, writer = os.pipe()
    try:
        try:
            send_packet(connection, b"BARRIER=1", (writer,))
        finally:
            os.close(writer)
        poll = select.poll()
        poll.register(reader, 0)
        poll.poll(_BARRIER_MS)
    finally:
        os.close(reader)
