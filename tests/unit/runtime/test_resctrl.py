"""Classes of service, in a folder that behaves as the resctrl file system does."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tuicontainer.errors import FailedPrecondition, InvalidArgument, Unsupported
from tuicontainer.runtime.resctrl import ResctrlFiles, ResctrlGroup, make_group, mismatches
from tuicontainer.spec.intel_rdt import IntelRdt

EVERYTHING = "    MB:0=100;1=100\n    L3:0=fffff;1=fffff\n"


class LikeResctrl(ResctrlFiles):
    """Folders that fill by themselves when made, and go with what is in them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.refused = ""
        """What a schemata file doesn't take."""
        for name in ("L3", "MB"):
            (root / "info" / name).mkdir(parents=True)
        (root / "info" / "last_cmd_status").write_text("ok\n")
        self.fill(root)

    def fill(self, folder: Path) -> None:
        (folder / "tasks").touch()
        if folder.parent.name != "mon_groups":
            (folder / "schemata").write_text(EVERYTHING)
            (folder / "mon_groups").mkdir()

    def make(self, folder: str) -> bool:
        made = super().make(folder)
        if made:
            self.fill(Path(folder))
        return made

    def remove(self, folder: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    def write(self, path: str, text: str) -> None:
        if self.refused and self.refused in text:
            (self.root / "info" / "last_cmd_status").write_text("mask out of range\n")
            raise OSError(22, "Invalid argument")
        super().write(path, text)


@pytest.fixture
def files(tmp_path: Path) -> LikeResctrl:
    return LikeResctrl(tmp_path)


def make(files: LikeResctrl, container_id: str = "c1", **fields: Any) -> ResctrlGroup:
    return make_group(IntelRdt(**fields), container_id, str(files.root), files)


def classes(files: LikeResctrl) -> set[str]:
    known = {"info", "mon_groups", "schemata", "tasks"}
    return set(os.listdir(files.root)) - known


def test_a_class_of_its_own_with_its_shares(files: LikeResctrl) -> None:
    group = make(files, schemata=("L3:0=f;1=f", "MB:0=50"))
    assert group.made
    assert (files.root / "c1" / "schemata").read_text().startswith("L3:0=f;1=f\nMB:0=50\n")
    group.add(42, files)
    assert (files.root / "c1" / "tasks").read_text() == "42"
    group.remove(files)
    assert classes(files) == set()


def test_the_state_file_brings_it_back(files: LikeResctrl) -> None:
    group = make(files, enable_monitoring=True)
    assert ResctrlGroup.from_state(group.to_state()) == group


def test_a_class_that_exists_is_joined_and_stays(files: LikeResctrl) -> None:
    files.make(str(files.root / "gold"))
    group = make(files, clos_id="gold")
    assert not group.made
    group.remove(files)
    assert classes(files) == {"gold"}


def test_the_default_class_is_the_root(files: LikeResctrl) -> None:
    group = make(files, clos_id="/")
    group.add(7, files)
    assert (files.root / "tasks").read_text() == "7"
    group.remove(files)
    assert (files.root / "tasks").exists()


def test_a_class_with_the_same_shares_is_joined(files: LikeResctrl) -> None:
    files.make(str(files.root / "gold"))
    assert not make(files, clos_id="gold", l3_cache_schema="L3:0=FFFFF;1=0fffff").made


def test_a_class_with_other_shares_is_refused_and_left_alone(files: LikeResctrl) -> None:
    files.make(str(files.root / "gold"))
    with pytest.raises(FailedPrecondition, match=r"`gold` exists with other shares than `L3:1=f`"):
        make(files, clos_id="gold", schemata=("L3:0=fffff;1=f",))
    assert (files.root / "gold" / "schemata").read_text() == EVERYTHING


def test_a_class_without_shares_must_be_there(files: LikeResctrl) -> None:
    with pytest.raises(FailedPrecondition, match="`gold` doesn't exist"):
        make(files, clos_id="gold")
    assert classes(files) == set()


def test_refused_shares_leave_nothing_and_say_the_kernels_reason(files: LikeResctrl) -> None:
    files.refused = "L3:0=0"
    with pytest.raises(InvalidArgument, match="mask out of range"):
        make(files, schemata=("L3:0=0",))
    assert classes(files) == set()


def test_monitoring_by_itself(files: LikeResctrl) -> None:
    files.make(str(files.root / "gold"))
    group = make(files, clos_id="gold", enable_monitoring=True)
    group.add(9, files)
    own = files.root / "gold" / "mon_groups" / "c1"
    assert (own / "tasks").read_text() == (files.root / "gold" / "tasks").read_text() == "9"
    group.remove(files)
    assert not own.exists()
    assert classes(files) == {"gold"}


def test_a_host_that_cannot_monitor_is_named_and_the_class_goes(files: LikeResctrl) -> None:
    original = files.fill

    def without_groups(folder: Path) -> None:
        original(folder)
        (folder / "mon_groups").rmdir()

    files.fill = without_groups  # type: ignore[method-assign]
    with pytest.raises(Unsupported, match="can't monitor"):
        make(files, enable_monitoring=True)
    assert classes(files) == set()


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({"l3_cache_schema": "L3:0=f"}, "L3"), ({"mem_bw_schema": "MB:0=5"}, "MB")],
)
def test_what_the_processor_cannot_divide_is_named(
    files: LikeResctrl, fields: dict[str, str], missing: str
) -> None:
    (files.root / "info" / missing).rmdir()
    with pytest.raises(Unsupported, match="this host can't divide that"):
        make(files, **fields)


def test_a_container_is_not_called_like_a_folder_of_resctrl(files: LikeResctrl) -> None:
    with pytest.raises(InvalidArgument, match="`info` can't name a class"):
        make(files, container_id="info")


@pytest.mark.parametrize(
    ("wanted", "present", "expected"),
    [
        (["L3:0=f"], "L3:0=f;1=3\n", []),
        (["L3:00=0F"], "    L3:0=f\n", []),
        (["L3:0=0"], "L3:0=0\n", []),
        (["L3:0=f;1=3"], "L3:0=f;1=1\n", ["L3:1=3"]),
        (["L2:0=f"], "L3:0=f\n", ["L2:0=f"]),
        ([" MB : 0 = 20 "], "MB:0= 20;1=100\n", []),
        (["MB:7=20"], "MB:0=20\n", ["MB:7=20"]),
    ],
)
def test_shares_are_compared_by_value(wanted: list[str], present: str, expected: list[str]) -> None:
    assert mismatches(wanted, present) == expected


def test_its_own_class_can_be_changed_and_changed_back(files: LikeResctrl) -> None:
    group = make(files, schemata=("L3:0=f",))
    path = files.root / "c1" / "schemata"
    path.write_text(EVERYTHING)
    before = group.change(["L3:0=3"], files)
    assert before == ["MB:0=100;1=100", "L3:0=fffff;1=fffff"]
    assert path.read_text().startswith("L3:0=3\n")
    group.change(before, files)
    assert path.read_text().startswith("MB:0=100;1=100\nL3:0=fffff;1=fffff\n")


def test_a_shared_class_is_not_changed(files: LikeResctrl) -> None:
    files.make(str(files.root / "gold"))
    with pytest.raises(FailedPrecondition, match="isn't the container's own"):
        make(files, clos_id="gold").change(["L3:0=3"], files)
    assert (files.root / "gold" / "schemata").read_text() == EVERYTHING
