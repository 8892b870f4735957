"""Control groups with their limits, read from a tree of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuicontainer.observe import groups
from tuicontainer.observe.groups import observe_groups


def make(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True)
    (folder / "cgroup.procs").write_text(files.pop("procs", ""))
    for name, text in files.items():
        (folder / name).write_text(text)


def hierarchy(mountpoint: Path, version: int, root: str = "/", **more: object) -> dict[str, object]:
    return {
        "mountpoint": str(mountpoint), "version": version, "root": root,
        "controllers": ["memory"] if version == 1 else [], "name": "",
    } | more  # fmt: skip


def test_groups_of_both_versions_with_what_is_inside(tmp_path: Path) -> None:
    files = {
        "memory.max": "max\n",
        "cpu.max": "50000 100000\n",
        "cgroup.controllers": "cpu memory\n",
    }
    make(tmp_path / "v2/c/web", procs="1\n2\n", **files)
    make(tmp_path / "v2/c/web/inner/deep", procs="3\n", **{"memory.max": "4096\n"})
    (tmp_path / "v2/c/web/inner/cgroup.procs").write_text("")
    make(tmp_path / "v1/c/web", procs="1\n", **{"memory.limit_in_bytes": "65536\n"})
    found = observe_groups({
        "path": "/c/web",
        "hierarchies": [hierarchy(tmp_path / "v2", 2), hierarchy(tmp_path / "v1", 1)],
    })  # fmt: skip
    assert [(view.hierarchy, view.path, view.depth, view.processes) for view in found] == [
        ("v2", "/c/web", 0, 2),
        ("v2", "/c/web/inner", 1, 0),
        ("v2", "/c/web/inner/deep", 2, 1),
        ("memory", "/c/web", 0, 1),
    ]
    assert found[0].limits == {"memory.max": "max", "cpu.max": "50000 100000"}
    assert found[0].controllers == ("cpu", "memory")
    assert found[3].limits == {"memory.limit_in_bytes": "65536"}


def test_a_part_of_a_hierarchy_that_is_mounted(tmp_path: Path) -> None:
    make(tmp_path / "web", procs="1\n")
    found = observe_groups(
        {"path": "/docker/x/web", "hierarchies": [hierarchy(tmp_path, 2, root="/docker/x")]}
    )
    assert [(view.path, view.processes) for view in found] == [("/docker/x/web", 1)]


def test_groups_that_are_gone_or_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert observe_groups({"path": "/x", "hierarchies": [hierarchy(tmp_path, 2)]}) == ()
    monkeypatch.setattr(groups, "_MOST_GROUPS", 3)
    for number in range(5):
        make(tmp_path / f"x/g{number}")
    (tmp_path / "x/cgroup.procs").write_text("")
    assert len(observe_groups({"path": "/x", "hierarchies": [hierarchy(tmp_path, 2)]})) == 3
