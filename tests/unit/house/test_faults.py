"""docs/faults.md names tests that exist."""

from __future__ import annotations

import os
import re

import pytest

from tests.unit.house.checkout import CHECKOUT, read

ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in read("docs/faults.md").splitlines()
    if line.startswith("| ") and not line.startswith("| fault ")
]


def test_the_table_is_read() -> None:
    assert len(ROWS) >= 20
    assert all(len(cells) == 4 for cells in ROWS)


@pytest.mark.parametrize("cells", ROWS, ids=[cells[0] for cells in ROWS])
def test_what_a_row_names_exists(cells: list[str]) -> None:
    named = re.findall(r"`([^`]+::[^`]+)`", cells[-1])
    assert named
    for each in named:
        path, _, test = each.partition("::")
        assert os.path.isfile(os.path.join(CHECKOUT, "tests", path)), path
        assert f"def {test}(" in read(f"tests/{path}"), each
