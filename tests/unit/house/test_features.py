"""docs/features.md answers every feature and want, and names tests that exist."""

from __future__ import annotations

import os
import re

import pytest

from tests.unit.house.checkout import CHECKOUT, read

OTHERS = ("lazydocker", "ctop", "oxker", "podman-tui", "dry", "k9s")
UNBUILT = "no test: not built"


def rows(*, wants: bool) -> dict[str, list[str]]:
    """Return the cells of each row by its first one: of the wants, or of the features."""
    features, _, asked = read("docs/features.md").partition("## What people ask for")
    found = {}
    for line in (asked if wants else features).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and cells[0] not in ("feature", "#"):
            found[cells[0]] = cells
    return found


EVERY = {**rows(wants=False), **{f"want {name}": row for name, row in rows(wants=True).items()}}


def test_every_feature_has_a_column_for_each_program() -> None:
    features = rows(wants=False)
    assert len(features) >= 31
    for cells in features.values():
        assert len(cells) == len(OTHERS) + 3
        assert set(cells[1:-2]) <= {"Y", "p", "-"}
        assert cells[-2][0] in "Yp-"


def test_every_want_is_answered() -> None:
    wants = rows(wants=True)
    assert list(wants) == [str(number) for number in range(1, 28)]
    assert all(len(cells) == 4 and cells[2] for cells in wants.values())


@pytest.mark.parametrize("name", EVERY)
def test_what_a_row_names_exists(name: str) -> None:
    cells = EVERY[name]
    named = re.findall(r"`([^`]+)`", cells[-1])
    if not named:
        assert cells[-1] == UNBUILT
        assert cells[-2].startswith(("-", "not "))
        return
    for each in named:
        path, _, test = each.partition("::")
        assert os.path.isfile(os.path.join(CHECKOUT, "tests", path)), path
        assert not test or f"def {test}(" in read(f"tests/{path}"), each
