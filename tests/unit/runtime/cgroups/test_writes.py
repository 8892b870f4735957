"""Doing planned writes, on plain files that stand for control files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuicontainer.errors import TuiContainerError, Unsupported
from tuicontainer.runtime.cgroups.writes import Write, apply_writes


def write(file: str, value: str, **more: object) -> Write:
    return Write(controller="io", file=file, value=value, field="linux.resources.x", **more)


def explain(missing: Write) -> TuiContainerError:
    return Unsupported(f"no {missing.file}")


def test_the_first_file_that_exists_gets_its_own_value(tmp_path: Path) -> None:
    (tmp_path / "io.weight").write_text("")
    choice = write("io.bfq.weight", "100", otherwise=write("io.weight", "910"))
    apply_writes([choice], lambda _: str(tmp_path), explain)
    assert (tmp_path / "io.weight").read_text() == "910"
    assert not (tmp_path / "io.bfq.weight").exists()


def test_a_missing_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match=r"no io\.weight"):
        apply_writes([write("io.weight", "1")], lambda _: str(tmp_path), explain)
    with pytest.raises(Unsupported, match=r"no io\.weight"):
        apply_writes([write("io.weight", "1")], lambda _: None, explain)


def test_a_missing_file_may_not_matter(tmp_path: Path) -> None:
    apply_writes([write("io.weight", "1", optional=True)], lambda _: str(tmp_path), explain)
    apply_writes([write("io.weight", "1", optional=True)], lambda _: None, explain)


def test_another_failure_names_field_value_and_file(tmp_path: Path) -> None:
    (tmp_path / "io.max").mkdir()
    with pytest.raises(TuiContainerError) as raised:
        apply_writes([write("io.max", "8:0 rbps=1")], lambda _: str(tmp_path), explain)
    for part in ("`linux.resources.x`", "`8:0 rbps=1`", f"{tmp_path}/io.max", "is a directory"):
        assert part in raised.value.message
