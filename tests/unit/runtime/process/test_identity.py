"""Telling one process from another that has or had its pid."""

from __future__ import annotations

import os
import signal

import pytest

from tuicontainer.runtime.process.identity import (
    ProcessIdentity,
    identify,
    is_alive,
    open_pidfd,
    parse_stat,
    send_signal,
)


@pytest.mark.parametrize("name", ["sh", "a b", ")", ") R 1 2", "(x)"])
def test_a_programs_name_confuses_nobody(name: str) -> None:
    fields = ["S", *(str(number) for number in range(4, 52))]
    text = f"42 ({name}) {' '.join(fields)}\n".encode()
    assert parse_stat(text) == ("S", 22)


def test_ourselves() -> None:
    own = identify(os.getpid())
    assert is_alive(own)
    pidfd = open_pidfd(own)
    assert pidfd is not None
    os.close(pidfd)
    assert send_signal(own, 0)


def test_another_start_time_or_boot_is_another_process() -> None:
    own = identify(os.getpid())
    for other in (own.replace(start_time=own.start_time + 1), own.replace(boot_id="another")):
        assert not is_alive(other)
        assert open_pidfd(other) is None
        assert not send_signal(other, signal.SIGKILL)


def test_a_zombie_is_not_alive() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    zombie = identify(pid)
    assert not is_alive(zombie)
    os.waitpid(pid, 0)
    assert open_pidfd(zombie) is None


def test_a_pid_that_nobody_has() -> None:
    with pytest.raises(ProcessLookupError):
        identify(2**22 + 1)
    assert not is_alive(ProcessIdentity(pid=2**22 + 1, start_time=1, boot_id="x"))
