"""Where a container's group is, and which driver serves it."""

from __future__ import annotations

import json
from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runtime.cgroups.layouts import LAYOUTS, Layout
from tuicontainer.errors import InvalidArgument, Unsupported
from tuicontainer.runtime.cgroups.open import (
    cgroup_from_state,
    check_group_path,
    container_cgroup_path,
    open_cgroup,
)


@pytest.mark.parametrize(
    ("cgroups_path", "expected"),
    [
        (None, "/tuicontainer/run/c/web-1"),
        ("", "/tuicontainer/run/c/web-1"),
        ("/machine/web", "/machine/web"),
        ("//machine//web/", "/machine/web"),
        ("group/web", "/tuicontainer/run/c/group/web"),
        ("./web", "/tuicontainer/run/c/web"),
        ("/a..b/...", "/a..b/..."),
    ],
)
def test_path_of_a_container(cgroups_path: str | None, expected: str) -> None:
    path = container_cgroup_path(cgroups_path, parent="/tuicontainer/run/c", container_id="web-1")
    assert path == expected


@pytest.mark.parametrize(
    "cgroups_path", ["..", "/..", "../x", "/a/../../b", "a/..", "/", "/a\0b", "/a\nb", "x" * 256]
)
def test_dangerous_paths_are_refused(cgroups_path: str) -> None:
    with pytest.raises(InvalidArgument):
        container_cgroup_path(cgroups_path, parent="/c", container_id="web-1")


def test_a_systemd_unit_is_refused_by_name() -> None:
    with pytest.raises(Unsupported, match="systemd"):
        container_cgroup_path("system.slice:runc:web", parent="/c", container_id="web-1")


@given(st.text(alphabet="ab./ ", max_size=30))
def test_a_path_is_inside_its_parent_or_refused(cgroups_path: str) -> None:
    relative = cgroups_path.lstrip("/")
    try:
        path = container_cgroup_path(relative, parent="/c/d", container_id="web-1")
    except InvalidArgument:
        return
    assert path == "/c/d" or path.startswith("/c/d/")
    assert check_group_path(path) == path


@pytest.mark.parametrize("layout", LAYOUTS, ids=attrgetter("name"))
def test_the_driver_is_the_host_s_kind_and_can_be_written_down(layout: Layout) -> None:
    if layout.expected.mode == "none":
        with pytest.raises(Unsupported, match="no control group hierarchy"):
            open_cgroup("/x", layout.expected)
        return
    group = open_cgroup("/x/y", layout.expected)
    assert (group.path, group.mode) == ("/x/y", layout.expected.mode)
    again = cgroup_from_state(json.loads(json.dumps(group.to_state())))
    assert (again.path, again.mode) == (group.path, group.mode)
    assert again.to_state() == group.to_state()


def test_a_relative_path_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="absolute"):
        open_cgroup("x", LAYOUTS[0].expected)
