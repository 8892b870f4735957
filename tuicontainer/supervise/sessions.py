"""A door's end of a program that it runs in a container by `exec`."""

from __future__ import annotations


class ExecSession:
    """One program. `fileno()` is readable when `wait` won't block. Also a context manager."""

    pid: int
    """In our PID namespace."""
    console: int | None
    """Master side of its terminal; the door reads, writes and closes it."""

    def fileno(self) -> int:
        """Return the descriptor to poll for the program's end."""
        raise NotImplementedError

    def wait(self) -> int:
        """Wait for the program's end and return its exit status, 128+n for signal n.

        Raises:
            Unavailable: the session's helper process died, so that nobody could see the status.
        """
        raise NotImplementedError

    def resize(self, height: int, width: int) -> None:
        """Tell its terminal the size in characters."""
        raise NotImplementedError

    def kill(self, signal: str | int) -> None:
        """Send the program a signal; none if it has ended."""
        raise NotImplementedError

    def close(self) -> None:
        """Give the descriptors back; the program goes on, its terminal hangs up."""
        raise NotImplementedError
