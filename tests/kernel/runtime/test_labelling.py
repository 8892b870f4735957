"""The instructions that write security labels, tried on files of procfs that every kernel has."""

from __future__ import annotations

import errno
import os
import platform
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.kernel.runtime.conftest import ours_only
from tests.kernel.runtime.test_waiter import MACHINES, command
from tuicontainer.runtime.process.confine import Confinement
from tuicontainer.runtime.process.entrant import decode_result, entrant_image
from tuicontainer.runtime.process.labelling import Labelling
from tuicontainer.runtime.process.labels import Label, open_private_procfs, write_label
from tuicontainer.runtime.process.told import labelling_errno, tell_labelling
from tuicontainer.runtime.process.waiter import waiter_image
from tuicontainer.syscalls.sockets import packet_pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.kernel, ours_only]

SCORE = Label(field="x", path="thread-self/oom_score_adj", text="517")
NAME = Label(field="x", path="self/comm", text="not what counts")
MISSING = Label(field="x", path="thread-self/attr/no-such-module/exec", text="exec x")
ENOSYS = tell_labelling(errno.ENOSYS).to_bytes(4, "little", signed=True)
INVALID = Label(field="x", path="thread-self/oom_score_adj", text="much")


@contextmanager
def procfs() -> Iterator[int]:
    fd = open_private_procfs()
    yield fd
    os.close(fd)


def run_waiter(tmp_path: Path, machine: str, *labels: Label) -> tuple[str, bytes, int]:
    """Return the output of a program that shows its score, what was told, and the status."""
    image = tmp_path / "waiter"
    gate_read, gate_write = os.pipe()
    result_read, result_write = os.pipe()
    with procfs() as own:
        confinement = Confinement(labelling=Labelling(labels=labels, procfs=own))
        image.write_bytes(waiter_image(machine, gate_read, result_write, confinement) or b"")
        image.chmod(0o755)
        script = f"cat /proc/self/oom_score_adj; test ! -e /proc/self/fd/{own} && echo closed"
        words = command(machine, image, "/bin/sh", ["sh", "-c", script])
        with subprocess.Popen(
            words,
            executable=str(image) if machine == platform.machine() else None,
            pass_fds=(gate_read, result_write, own),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            os.close(result_write)
            os.close(gate_read)
            os.write(gate_write, b"s")
            told = os.read(result_read, 16)
            assert process.stdout is not None
            output = process.stdout.read()
            status = process.wait(10)
    os.close(gate_write)
    os.close(result_read)
    if machine != platform.machine() and told == ENOSYS:
        pytest.skip(f"needs a qemu-{machine} that knows openat2")
    return output, told, status


@pytest.mark.parametrize("machine", MACHINES)
def test_the_waiter_writes_them_all(tmp_path: Path, machine: str) -> None:
    output, told, status = run_waiter(tmp_path, machine, NAME, SCORE)
    assert (output, told, status) == ("517\nclosed\n", b"", 0)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("label", "number"), [(MISSING, errno.ENOENT), (INVALID, errno.EINVAL)])
def test_the_waiter_tells_of_a_refusal_and_executes_nothing(
    tmp_path: Path, machine: str, label: Label, number: int
) -> None:
    output, told, status = run_waiter(tmp_path, machine, SCORE, label)
    assert (output, status) == ("", 126)
    assert labelling_errno(int.from_bytes(told, "little", signed=True)) == number


@pytest.mark.parametrize(("label", "number"), [(SCORE, None), (MISSING, errno.ENOENT)])
def test_the_entrant_does_so_too(tmp_path: Path, label: Label, number: int | None) -> None:
    machine = platform.machine()
    image = tmp_path / "entrant"
    ours, theirs = packet_pair()
    read_end, write_end = os.pipe()
    with procfs() as own:
        confinement = Confinement(labelling=Labelling(labels=(label,), procfs=own))
        image.write_bytes(
            entrant_image(machine, theirs, terminal=False, confinement=confinement) or b""
        )
        image.chmod(0o755)
        with subprocess.Popen(
            ["/bin/cat", "cat", "/proc/self/oom_score_adj"],
            executable=str(image),
            pass_fds=(theirs, own),
            stdout=write_end,
        ):
            os.close(theirs)
            os.close(write_end)
            told = b""
            while part := os.read(ours, 64):
                told += part
    pid, refused = decode_result(told)
    os.close(ours)
    os.waitpid(pid, 0)
    with open(read_end, encoding="utf-8") as output:
        said = output.read()
    if number is None:
        assert (said, refused) == ("517\n", 0)
    else:
        assert said == ""
        assert labelling_errno(-refused) == number


def test_what_is_mounted_on_the_way_is_refused(tmp_path: Path) -> None:
    """A forged file in the container's procfs gets no label, and the program doesn't run."""
    forged = tmp_path / "forged"
    forged.touch()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = _write_over_a_mount(str(forged))
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == errno.EXDEV
    assert forged.read_text() == ""


def _write_over_a_mount(forged: str) -> int:
    from tuicontainer.syscalls import mount as kernel
    from tuicontainer.syscalls.namespaces import CLONE_NEWNS, unshare

    unshare(CLONE_NEWNS)
    host = os.open("/", os.O_PATH)
    kernel.mount_setattr(host, propagation=kernel.MS_PRIVATE, recursive=True)
    tree = kernel.open_tree_clone(kernel.AT_FDCWD, forged)
    place = os.open(f"/proc/{os.getpid()}/task/{os.getpid()}/oom_score_adj", os.O_PATH)
    kernel.move_mount(tree, place)
    procfs = os.open("/proc", os.O_PATH)
    try:
        write_label(procfs, SCORE)
    except OSError as error:
        return error.errno or 0
    return 0
