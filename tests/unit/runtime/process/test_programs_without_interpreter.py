"""The bytes of the waiter and the entrant; what they do is in tests/kernel/runtime/test_waiter."""

from __future__ import annotations

import struct

import pytest

from tuicontainer.runtime.process.entrant import decode_result, entrant_image
from tuicontainer.runtime.process.waiter import waiter_image

MACHINES = {"x86_64": 62, "aarch64": 183}


@pytest.mark.parametrize("machine", MACHINES)
def test_a_valid_static_elf_file(machine: str) -> None:
    for image in (
        waiter_image(machine, 3, 4),
        entrant_image(machine, 3, terminal=False),
        entrant_image(machine, 3, terminal=True),
        entrant_image(machine, 3, terminal=True, held=True),
    ):
        assert image is not None
        assert image[:7] == b"\x7fELF\x02\x01\x01"
        kind, number, _, entry, phoff = struct.unpack_from("<HHIQQ", image, 16)
        assert (kind, number, phoff) == (2, MACHINES[machine], 64)
        segment = struct.unpack_from("<IIQQQQQQ", image, 64)
        assert segment[:3] == (1, 5, 0), "readable and executable, not writable"
        assert segment[3] <= entry < segment[3] + len(image)
        assert segment[5] == segment[6] == len(image) < 400


@pytest.mark.parametrize("machine", MACHINES)
def test_descriptors_are_written_into_the_instructions(machine: str) -> None:
    images = {waiter_image(machine, gate, gate + 1) for gate in (3, 4, 300, 65000)}
    assert len(images) == 4
    assert len({len(image or b"") for image in images}) == 1


def test_other_architectures_have_none() -> None:
    assert waiter_image("riscv64", 3, 4) is None
    assert entrant_image("riscv64", 3, terminal=True) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [((5,), (5, 0)), ((5, -2), (5, 2)), ((-2, 5), (5, 2)), ((-11,), (0, 11)), ((), (0, 0))],
)
def test_what_the_entrant_tells(values: tuple[int, ...], expected: tuple[int, int]) -> None:
    told = struct.pack(f"={len(values)}i", *values)
    assert decode_result(told) == expected
