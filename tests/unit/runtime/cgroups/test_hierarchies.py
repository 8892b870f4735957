"""Reading the mount table: which hierarchies a host has."""

from __future__ import annotations

from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runtime.cgroups.layouts import LAYOUTS, Layout
from tuicontainer.runtime.cgroups.hierarchies import parse_hierarchies, path_in_mount


@pytest.mark.parametrize("layout", LAYOUTS, ids=attrgetter("name"))
def test_layouts_of_real_hosts(layout: Layout) -> None:
    assert parse_hierarchies(layout.mountinfo, layout.own) == layout.expected


def test_controllers_of_all_hierarchies_together() -> None:
    hierarchies = parse_hierarchies(LAYOUTS[1].mountinfo, LAYOUTS[1].own)
    assert hierarchies.controllers == ("cpu", "cpuacct", "memory", "net_cls", "net_prio")
    assert hierarchies.unified is not None
    assert len(hierarchies.v1_mounts) == 4


@given(st.permutations(LAYOUTS[1].mountinfo.splitlines(keepends=True)))
def test_the_order_of_lines_matters_only_for_the_order_of_mounts(lines: list[str]) -> None:
    found = parse_hierarchies("".join(lines), LAYOUTS[1].own)
    assert found.mode == "hybrid"
    assert set(found.mounts) == set(LAYOUTS[1].expected.mounts)


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        ("/", "/a/b", "/a/b"),
        ("/a", "/a/b", "/b"),
        ("/a", "/a", "/"),
        ("/a", "/ab", "/"),
        ("/a", "/", "/"),
        ("/..", "/", "/"),
    ],
)
def test_a_group_as_the_mount_shows_it(root: str, path: str, expected: str) -> None:
    assert path_in_mount(root, path) == expected
