"""One program in a terminal of its own: keys go in, the screen is read back as a person would.

A tmux server per terminal, on a socket in the test's folder, so that nothing is shared with the
tmux that somebody works in. Waiting is for what the screen shows, never for a time.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

POLL = 0.1
PATIENCE = 30.0
"""Seconds until a screen that doesn't come is a failure; a busy machine needs a few."""


class Terminal:
    """Runs *command* at a given size until `close`.

    Args:
        command: program and arguments; executed without a shell.
        folder: where tmux puts its socket; its path must be short (unix(7): 108 bytes).
        size: columns and lines.
        environment: the program's whole environment.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: str,
        size: tuple[int, int] = (120, 40),
        environment: Mapping[str, str],
    ) -> None:
        self._socket = os.path.join(folder, f"tmux-{time.monotonic_ns():x}")
        columns, lines = size
        variables = {"TERM": "tmux-256color", "COLORTERM": "truecolor", **environment}
        cleared = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
        self._tmux(
            "start-server",
            ";",
            # This keeps the last screen and the status of a program that ended.
            *("set-option", "-g", "remain-on-exit", "on", ";"),
            *("set-option", "-g", "escape-time", "0", ";"),
            *("set-option", "-g", "default-terminal", variables["TERM"], ";"),
            *("new-session", "-d", "-x", str(columns), "-y", str(lines), *cleared, *command),
        )

    def _tmux(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", self._socket, *words],
            capture_output=True, text=True, check=True, timeout=20,
        ).stdout  # fmt: skip

    def close(self) -> None:
        """End the terminal; the program in it gets SIGHUP."""
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], check=False, timeout=20)

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    @property
    def ended(self) -> str:
        """The exit status once the program has ended, `signal N` if it was killed, else empty."""
        status, signal, pid = self._tmux(
            "display-message", "-p", "#{pane_dead_status},#{pane_dead_signal},#{pane_pid}"
        ).strip("\n").split(",")  # fmt: skip
        if status or signal:
            return status or f"signal {signal}"
        # tmux 3.3 misses a child's end now and then and leaves a zombie: the kernel knows how it
        # ended (proc(5), /proc/PID/stat: state is field 3, exit_code the last).
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:  # reaped since: tmux knows now, and is asked again
            return ""
        if fields[0] != "Z":
            return ""
        code = os.waitstatus_to_exitcode(int(fields[-1]))
        return str(code) if code >= 0 else f"signal {-code}"

    def press(self, *keys: str) -> None:
        """Press keys by their tmux names: `K`, `Enter`, `Escape`, `C-p`, `/`."""
        for key in keys:
            self._tmux("send-keys", key)
            # Apart, as fingers do it: a key soon after an escape is Alt and that key.
            time.sleep(0.3 if key == "Escape" else 0.05)

    def type(self, text: str) -> None:
        """Type *text* literally."""
        self._tmux("send-keys", "-l", text)

    def resize(self, columns: int, lines: int) -> None:
        """Change the window's size, as a person who drags its corner."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def screen(self) -> str:
        """Return what is shown, a line a row, without colours and trailing blanks."""
        return self._tmux("capture-pane", "-p")

    def wait_for(self, *patterns: str, seconds: float = PATIENCE) -> str:
        """Wait until every pattern (a regular expression) is found on one screen; return it."""
        return self.wait_until(
            lambda screen: all(re.search(pattern, screen, re.MULTILINE) for pattern in patterns),
            f"the screen to show {' and '.join(map(repr, patterns))}",
            seconds,
        )

    def wait_without(self, pattern: str, seconds: float = PATIENCE) -> str:
        """Wait until *pattern* isn't on the screen any more; return it."""
        return self.wait_until(
            lambda screen: not re.search(pattern, screen, re.MULTILINE),
            f"{pattern!r} to leave the screen",
            seconds,
        )

    def wait_until(
        self, true: Callable[[str], object], what: str, seconds: float = PATIENCE
    ) -> str:
        """Wait until *true* of the screen; return that screen.

        Raises:
            AssertionError: it never was; says what was shown last.
        """
        deadline = time.monotonic() + seconds
        while not true(screen := self.screen()):
            if time.monotonic() > deadline:
                ended = f" (the program has ended: {self.ended})" if self.ended else ""
                raise AssertionError(f"waited {seconds:g} s for {what}{ended}:\n{screen}")
            time.sleep(POLL)
        return screen
