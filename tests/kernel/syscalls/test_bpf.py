"""bpf(2) for device filters: loading, attaching, replacing, and the verifier's own words."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

import pytest

from tuicontainer.errors import SyscallError
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.syscalls import bpf

pytestmark = pytest.mark.kernel

ALLOW = struct.pack("=BBhi", 0xB7, 0, 0, 1) + struct.pack("=BBhi", 0x95, 0, 0, 0)
DENY = struct.pack("=BBhi", 0xB7, 0, 0, 0) + struct.pack("=BBhi", 0x95, 0, 0, 0)


@pytest.fixture
def group() -> Iterator[int]:
    """An open, empty group of the unified hierarchy."""
    if os.geteuid() != 0:
        pytest.skip("needs root to make control groups")
    unified = read_hierarchies().unified
    if unified is None:
        pytest.skip("this host has no unified hierarchy mounted")
    folder = f"{unified.mountpoint}/tuicontainer-test-bpf-{os.getpid()}"
    os.mkdir(folder)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)
    os.rmdir(folder)


def test_programs_are_attached_replaced_and_detached(group: int) -> None:
    first, second = bpf.load_device_program(ALLOW), bpf.load_device_program(DENY)
    assert bpf.attached_device_programs(group) == []
    bpf.attach_device_program(group, first)
    (attached,) = bpf.attached_device_programs(group)
    assert program_id(attached) == program_id(first)
    bpf.attach_device_program(group, second, replace=attached)
    (replaced,) = bpf.attached_device_programs(group)
    assert program_id(replaced) == program_id(second)
    bpf.detach_device_program(group, replaced)
    assert bpf.attached_device_programs(group) == []
    for descriptor in (first, second, attached, replaced):
        assert not os.get_inheritable(descriptor)
        os.close(descriptor)


def program_id(descriptor: int) -> str:
    with open(f"/proc/self/fdinfo/{descriptor}") as file:
        return next(line for line in file if line.startswith("prog_id:"))


def test_a_refused_program_comes_with_the_verifier_s_reason(group: int) -> None:
    unreadable = struct.pack("=BBhi", 0x61, 0x10, 64, 0) + DENY[8:]
    with pytest.raises(SyscallError, match="bpf load") as raised:
        bpf.load_device_program(unreadable)
    assert "invalid bpf_context access off=64" in "\n".join(raised.value.__notes__)
