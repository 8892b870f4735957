"""The process between `create` and `start`: what it is, what it holds, what it weighs."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tuicontainer.runtime.process.entrant import decode_result, entrant_image
from tuicontainer.runtime.process.waiter import waiter_image
from tuicontainer.syscalls.sockets import packet_pair

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, ours_only]

MACHINES = ["x86_64", "aarch64"]
MOVZ_X0_CLONE_PARENT = bytes.fromhex("000090d2")
MOVZ_X0_SIGCHLD = bytes.fromhex("200280d2")


@pytest.fixture
def pid(door: Door) -> int:
    container_id = door.create(door.shell(STEADY))
    return int(door.state(container_id)["pid"])


def test_it_is_not_the_hosts_interpreter(pid: int) -> None:
    """Nothing in the container leads to an executable of the host (CVE-2019-5736)."""
    assert os.readlink(f"/proc/{pid}/exe") == "/memfd:tuicontainer-waiter (deleted)"
    maps = Path(f"/proc/{pid}/maps").read_text()
    files = {line.split(None, 5)[5] for line in maps.splitlines() if len(line.split(None, 5)) > 5}
    assert all(name.startswith(("/memfd:tuicontainer-waiter", "[")) for name in files), files


def test_its_file_is_sealed(pid: int) -> None:
    with pytest.raises(OSError, match=r"busy|permitted"):
        os.open(f"/proc/{pid}/exe", os.O_WRONLY)


def test_it_weighs_next_to_nothing(pid: int) -> None:
    status = Path(f"/proc/{pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    assert int(resident.split()[1]) <= 64, resident


def test_it_holds_the_streams_and_the_gate(pid: int) -> None:
    fds = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    assert fds == {0, 1, 2, 3, 4}
    assert os.readlink(f"/proc/{pid}/fd/3").endswith("/gate")
    assert os.readlink(f"/proc/{pid}/fd/4").endswith("/gate.result")


def command(machine: str, image: Path, name: str, words: list[str]) -> list[str]:
    """Return the words that execute an image whose first argument is *name*."""
    if machine == platform.machine():
        return [name, *words]
    emulator = shutil.which(f"qemu-{machine}-static") or shutil.which(f"qemu-{machine}")
    if emulator is None:
        pytest.skip(f"needs qemu-{machine} to execute instructions of another architecture")
    return [emulator, "-0", name, str(image), *words]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("program", "errno", "status", "output"),
    [
        ("/bin/echo", b"", 0, "a b\n"),
        ("/nope", b"\2\0\0\0", 127, ""),
        ("/etc/passwd", b"\r\0\0\0", 126, ""),
    ],
)
def test_its_instructions(
    tmp_path: Path, machine: str, program: str, errno: bytes, status: int, output: str
) -> None:
    image = tmp_path / "waiter"
    gate_read, gate_write = os.pipe()
    result_read, result_write = os.pipe()
    image.write_bytes(waiter_image(machine, gate_read, result_write) or b"")
    image.chmod(0o755)
    words = command(machine, image, program, ["echo", "a", "b"])
    with subprocess.Popen(
        words,
        executable=str(image) if machine == platform.machine() else None,
        pass_fds=(gate_read, result_write),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(result_write)
        os.close(gate_read)
        os.write(gate_write, b"s")
        told = os.read(result_read, 16)
        assert process.stdout is not None
        assert process.stdout.read() == output
        assert process.wait(10) == status
    assert told == errno
    os.close(gate_write)
    os.close(result_read)


def test_it_goes_away_when_nobody_can_open_the_gate(tmp_path: Path) -> None:
    image = tmp_path / "waiter"
    gate_read, gate_write = os.pipe()
    image.write_bytes(waiter_image(platform.machine(), gate_read, 9) or b"")
    image.chmod(0o755)
    with subprocess.Popen(["/bin/echo", "x"], executable=image, pass_fds=(gate_read,)) as process:
        os.close(gate_read)
        os.close(gate_write)
        assert process.wait(10) == 126


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("program", "errno"), [("/bin/true", 0), ("/nope", 2)])
def test_the_entrants_instructions(tmp_path: Path, machine: str, program: str, errno: int) -> None:
    image = tmp_path / "entrant"
    reader, writer = os.pipe()
    content = entrant_image(machine, writer, terminal=False) or b""
    if machine != platform.machine():
        # The emulator knows only fork's flags: its child becomes ours when its maker ends.
        assert MOVZ_X0_CLONE_PARENT in content
        content = content.replace(MOVZ_X0_CLONE_PARENT, MOVZ_X0_SIGCHLD)
    image.write_bytes(content)
    image.chmod(0o755)
    words = command(machine, image, program, ["true"])
    with subprocess.Popen(
        words,
        executable=str(image) if machine == platform.machine() else None,
        pass_fds=(writer,),
    ) as process:
        os.close(writer)
        with open(reader, "rb") as file:
            pid, number = decode_result(file.read())
        assert process.wait(10) == 0
    assert number == errno
    # Made as a sibling of its maker, so it is ours.
    reaped, status = os.waitpid(pid, 0)
    assert reaped == pid
    assert os.waitstatus_to_exitcode(status) == (127 if errno else 0)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("go", [True, False])
def test_a_held_entrant_waits_for_a_word(tmp_path: Path, machine: str, *, go: bool) -> None:
    image = tmp_path / "entrant"
    ours, theirs = packet_pair()
    content = entrant_image(machine, theirs, terminal=False, held=True) or b""
    if machine != platform.machine():
        content = content.replace(MOVZ_X0_CLONE_PARENT, MOVZ_X0_SIGCHLD)
    image.write_bytes(content)
    image.chmod(0o755)
    words = command(machine, image, "/bin/true", ["true"])
    executable = str(image) if machine == platform.machine() else None
    with subprocess.Popen(words, executable=executable, pass_fds=(theirs,)) as process:
        os.close(theirs)
        pid, _ = decode_result(os.read(ours, 4))
        assert process.wait(10) == 0
    time.sleep(0.1)
    assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    if go:
        os.write(ours, b"go!!")
        assert os.read(ours, 4) == b""
    os.close(ours)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == (0 if go else 127)
