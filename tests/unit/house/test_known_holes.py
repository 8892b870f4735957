"""docs/security.md names every known hole of runtimes, with a test that exists or a reason."""

from __future__ import annotations

import ast
import os
import re
from functools import cache

import pytest

from tests.unit.house.checkout import CHECKOUT, read

HOLES = {
    # their own executable and descriptors
    "CVE-2019-5736", "CVE-2026-31431", "CVE-2016-9962", "CVE-2024-21626", "CVE-2019-14271",
    "CVE-2020-15257", "CVE-2014-8989",
    # paths in a hostile root filesystem
    "CVE-2019-16884", "CVE-2019-18837", "CVE-2019-19921", "CVE-2023-27561", "CVE-2023-28642",
    "CVE-2021-30465", "CVE-2024-45310", "CVE-2025-31133", "CVE-2025-62161", "CVE-2025-52565",
    "CVE-2025-52881", "CVE-2025-62596", "CVE-2025-54867", "CVE-2026-41579", "CVE-2026-47766",
    "CVE-2026-88264", "CVE-2026-88265", "CVE-2026-115521", "CVE-2026-119101", "CVE-2026-115520",
    "CVE-2026-119614", "CVE-2023-25809",
    # credentials, parsers, others
    "CVE-2022-29162", "CVE-2022-27650", "GHSA-f3fp-gc8g-vw66", "CVE-2026-30892", "CVE-2024-40635",
    "CVE-2026-47262", "CVE-2021-43784", "CVE-2022-0811", "GHSA-6x2m-w449-qwx7", "GO-2024-2791",
    "sub-cgroup", "CVE-2025-24965", "CVE-2026-84042", "CVE-2022-0492", "GHSA-xr7r-f8xq-vfvv",
    "container ID", "CVE-2026-95839", "CVE-2026-53488", "CVE-2026-53489", "CVE-2026-53492",
    "CVE-2026-50195",
}  # fmt: skip
SHORTEST_REASON = 60


def rows() -> list[tuple[str, str, str]]:
    """Return the rows of the table: hole, what we do, test or reason."""
    section = read("docs/security.md").partition("## Known holes")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    found = []
    for line in lines:
        hole, defence, proof = (cell.strip() for cell in line.strip("|").split(" | "))
        found.append((hole, defence, proof))
    return found


@cache
def in_file(path: str) -> dict[str, str]:
    """Return what a test file's functions and classes are called, with their docstrings."""
    tree = ast.parse(read(f"tests/{path}"))
    return {
        node.name: ast.get_docstring(node) or ""
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def test_every_hole_has_a_row() -> None:
    named = " ".join(hole for hole, _, _ in rows())
    assert {hole for hole in HOLES if not re.search(rf"{re.escape(hole)}\b", named)} == set()


@pytest.mark.parametrize(("hole", "defence", "proof"), rows(), ids=[row[0] for row in rows()])
def test_a_row_names_what_exists(hole: str, defence: str, proof: str) -> None:
    for path in re.findall(r"`([^`]+\.py)`", defence):
        assert os.path.isfile(os.path.join(CHECKOUT, "tuicontainer", path)), path
    tests = re.findall(r"`([^`]+)::([^`]+)`", proof)
    if not tests:
        assert proof.startswith("not applicable: ")
        assert len(proof) > SHORTEST_REASON
        return
    numbers = [number.replace("-", "_") for number in re.findall(r"\d{4}-\d+", hole)]
    called = []
    for path, name in tests:
        assert name in in_file(path), f"{path} has no {name}"
        called.append(f"{path} {name}")
    assert not numbers or any(number in each for number in numbers for each in called), called
