"""Other programs in a running container, through sessions that the spawner forks."""

from __future__ import annotations

import asyncio
import os
import select
import time

import pytest

from tests.kernel.supervise.ground import Ground, kill, until
from tuicontainer.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    TuiContainerError,
    Unavailable,
)
from tuicontainer.supervise.aclient import AsyncClient
from tuicontainer.supervise.requests import ExecRequest


def shell(script: str, **options: object) -> ExecRequest:
    return ExecRequest(args=("/bin/sh", "-c", script), **options)  # type: ignore[arg-type]


def run(
    ground: Ground, container_id: str, request: ExecRequest, typed: bytes = b""
) -> tuple[int, bytes, bytes]:
    """Run a program with pipes; return its status and what it wrote."""
    pipes = [os.pipe() for _ in range(3)]
    stdin, stdout, stderr = pipes
    with ground.client.exec(container_id, request, (stdin[0], stdout[1], stderr[1])) as session:
        for fd in (stdin[0], stdout[1], stderr[1]):
            os.close(fd)
        os.write(stdin[1], typed)
        os.close(stdin[1])
        with open(stdout[0], "rb") as out, open(stderr[0], "rb") as err:
            said = out.read(), err.read()
        return session.wait(), *said


def test_streams_and_status(ground: Ground) -> None:
    view = ground.run()
    status, out, err = run(ground, view.id, shell("cat; echo no >&2; exit 9"), b"typed\n")
    assert (status, out, err) == (9, b"typed\n", b"no\n")
    assert "exec" in ground.events(view.id)
    assert ground.view(view.id).pid == view.pid


def test_it_is_inside(ground: Ground) -> None:
    view = ground.run(env=("A=1", "B=2"))
    request = shell("hostname; echo $A $B $C; pwd; id -u; id -g",
                    env=("B=3", "C=4"), cwd="/tmp", user="7:8")  # fmt: skip
    assert run(ground, view.id, request)[1] == b"box\n1 3 4\n/tmp\n7\n8\n"


def test_the_status_of_a_signal(ground: Ground) -> None:
    view = ground.run()
    assert run(ground, view.id, shell("kill -TERM $$"))[0] == 143


def test_a_session_passes_signals_on(ground: Ground) -> None:
    view = ground.run()
    with ground.client.exec(view.id, ExecRequest(args=("/bin/sleep", "1000"))) as session:
        assert session.pid > 0
        assert not select.select([session], [], [], 0.1)[0]
        session.kill("INT")
        assert session.wait() == 130
        session.kill("INT")
        assert session.wait() == 130


def test_a_terminal(ground: Ground) -> None:
    view = ground.run()
    request = shell(
        "tty; stty size; read x; stty size; exit 3", terminal=True, console_size=(11, 44)
    )
    with ground.client.exec(view.id, request) as session:
        assert session.console is not None
        said = b""
        while b"11 44" not in said:
            said += os.read(session.console, 1000)
        session.resize(22, 55)
        os.write(session.console, b"\n")
        assert session.wait() == 3
        try:
            while block := os.read(session.console, 1000):
                said += block
        except OSError:
            pass
    assert b"/dev/pts/" in said
    assert b"22 55" in said


def test_a_terminal_hangs_up_with_its_door(ground: Ground) -> None:
    view = ground.run()
    session = ground.client.exec(view.id, shell("sleep 1000", terminal=True))
    pid = session.pid
    assert os.path.exists(f"/proc/{pid}")
    session.close()
    assert until(lambda: not os.path.exists(f"/proc/{pid}"))


def test_without_a_terminal_it_goes_on_without_its_door(ground: Ground) -> None:
    view = ground.run()
    session = ground.client.exec(view.id, ExecRequest(args=("/bin/sleep", "1000")))
    session.close()
    time.sleep(0.3)
    assert os.path.exists(f"/proc/{session.pid}")


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        (("/no/such",), NotFound),
        (("nonesuch",), NotFound),
        (("/etc",), TuiContainerError),
        ((), InvalidArgument),
    ],
)
def test_a_program_that_cannot_run(
    ground: Ground, args: tuple[str, ...], kind: type[Exception]
) -> None:
    view = ground.run()
    with pytest.raises(kind):
        ground.client.exec(view.id, ExecRequest(args=args))


def test_a_file_that_is_not_executable(ground: Ground) -> None:
    view = ground.run()
    with open(os.path.join(view.rootfs, "etc/text"), "w") as file:
        file.write("text\n")
    with pytest.raises(PermissionDenied):
        ground.client.exec(view.id, ExecRequest(args=("/etc/text",)))


@pytest.mark.parametrize("user", ["root", "-1", "1:", "4294967296"])
def test_a_bad_user(ground: Ground, user: str) -> None:
    view = ground.run()
    with pytest.raises(InvalidArgument):
        ground.client.exec(view.id, ExecRequest(args=("/bin/true",), user=user))


def test_the_container_must_run(ground: Ground) -> None:
    view = ground.run()
    ground.client.pause(view.id)
    with pytest.raises(FailedPrecondition, match="paused"):
        ground.client.exec(view.id, ExecRequest(args=("/bin/true",)))
    ground.client.stop(view.id)
    with pytest.raises(FailedPrecondition):
        ground.client.exec(view.id, ExecRequest(args=("/bin/true",)))
    with pytest.raises(NotFound):
        ground.client.exec("nobody", ExecRequest(args=("/bin/true",)))


def test_a_session_outlives_monitor_and_spawner(ground: Ground) -> None:
    view = ground.run()
    session = ground.client.exec(view.id, shell("sleep 0.7; exit 6"))
    spawner, monitor = ground.spawner, ground.monitor(view.id)
    kill(spawner)
    kill(monitor)
    with session:
        assert session.wait() == 6


def test_a_helper_that_dies_is_told(ground: Ground) -> None:
    view = ground.run()
    with ground.client.exec(view.id, ExecRequest(args=("/bin/sleep", "1000"))) as session:
        with open(f"/proc/{session.pid}/status") as file:
            parent = next(int(line.split()[1]) for line in file if line.startswith("PPid"))
        kill(parent)
        with pytest.raises(Unavailable):
            session.wait()


def test_the_asyncio_twin(ground: Ground) -> None:
    view = ground.run()

    async def main() -> list[int]:
        client = AsyncClient(ground.locations)
        sessions = [await client.exec(view.id, shell(f"exit {number}")) for number in range(3)]
        statuses = await asyncio.gather(*(session.wait() for session in sessions))
        for session in sessions:
            session.close()
        return list(statuses)

    assert asyncio.run(main()) == [0, 1, 2]
