"""The scripts of the shipped bundles are POSIX sh, and its listeners listen."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tuicontainer.locations import shipped_dir

SHIPPED = Path(shipped_dir("bundles"))
SCRIPTS = sorted([*SHIPPED.glob("*/*.sh"), SHIPPED / "shell/shellrc"])
SHELLS = {
    "sh": ["sh", "-n"],
    "dash": ["dash", "-n"],
    "bash": ["bash", "--posix", "-n"],
    "busybox": ["busybox", "sh", "-n"],
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_can_read_the_script(shell: str, script: Path) -> None:
    command = SHELLS[shell]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} isn't installed")
    done = subprocess.run([*command, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_uses_what_only_bash_has(script: Path) -> None:
    code = re.sub(r"(?m)^\s*#.*$", "", script.read_text())
    for word in ("[[", "function ", "local ", "<<<", "=(", "&>", "source ", "$'"):
        assert word not in code, word


def test_everything_that_stays_ends_when_asked() -> None:
    """The first process of a PID namespace ignores signals without a handler."""
    entries = {path.parent.name: path for path in SCRIPTS if path.stem == path.parent.name}
    del entries["hello"]  # ends by itself
    entries["shell"] = SHIPPED / "shell/shellrc"
    assert len(entries) == 7
    for script in entries.values():
        assert re.search(r"trap .* TERM", script.read_text()), script


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("language", ["perl", "python"])
def test_a_listener_serves_connections_one_after_the_other(language: str) -> None:
    if language == "perl":
        if shutil.which("perl") is None:
            pytest.skip("perl isn't installed")
        command = ["perl", str(SHIPPED / "web/listen.pl")]
    else:
        command = [sys.executable, "-I", str(SHIPPED / "web/listen.py")]
    port = free_port()
    server = subprocess.Popen([*command, str(port), "/bin/sh", "-c", 'read -r x; echo "got $x"'])
    try:
        for word in ("one", "two", "three"):
            assert ask(port, word) == f"got {word}\n"
    finally:
        server.kill()
        server.wait()


def ask(port: int, word: str) -> str:
    """Send a line and return the whole answer."""
    deadline = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(f"{word}\n".encode())
                answer = connection.makefile("r", encoding="utf-8")
                with answer:
                    return answer.read()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
