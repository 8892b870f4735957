"""Every engine checks and reads bundles alike; the real one saves, makes and copies them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.contracts.engine.subjects import Subject
from tuicontainer.engine.embedded import EmbeddedEngine
from tuicontainer.engine.open import open_engine
from tuicontainer.errors import FailedPrecondition, PermissionDenied, TuiContainerError
from tuicontainer.spec.default import default_document


async def test_problems_are_found(subject: Subject) -> None:
    document = default_document()
    document["process"]["cwd"] = "tmp"
    checked = await subject.engine.bundle_work.check(json.dumps(document))
    (problem,) = (each for each in checked.problems if not each.warning)
    assert problem.where == "process.cwd"
    assert checked.config is None


async def test_what_is_missing_is_an_error(subject: Subject) -> None:
    with pytest.raises(TuiContainerError):
        await subject.engine.bundle_work.read("/nowhere")


@pytest.fixture
def roots(tmp_path: Path) -> tuple[str, str, str]:
    return str(tmp_path / "s"), str(tmp_path / "d"), str(tmp_path / "own")


async def test_a_bundle_is_made_edited_and_copied(roots: tuple[str, str, str]) -> None:
    state, data, own = roots
    async with open_engine(state, data_root=data, bundles=(own,)) as engine:
        work = engine.bundle_work
        path = await work.new("service", "web")
        assert path == os.path.join(own, "web")
        before = await work.read(path)
        after = await work.save(before, before.text.replace('"hostname": "web"', '"hostname": "x"'))
        assert (await engine.bundle_config(path))["hostname"] == "x"
        with pytest.raises(FailedPrecondition):
            await work.save(before, "again")
        assert {each.rule for each in await work.lint(path)} >= {"seccomp-missing"}
        copy = await work.copy(path, "web2")
        assert (await work.read(copy)).text == after.text


def list_of(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_read_only_holds_in_the_engine(roots: tuple[str, str, str], tmp_path: Path) -> None:
    state, data, own = roots
    async with open_engine(state, data_root=data, bundles=(own,), read_only=True) as engine:
        assert isinstance(engine, EmbeddedEngine)
        for refused in (
            engine.bundle_work.new("shell", "x"),
            engine.bundle_work.copy("/nowhere", "x"),
        ):
            with pytest.raises(PermissionDenied):
                await refused
    assert "own" not in {path.name for path in list_of(tmp_path)}


async def test_what_this_host_lacks_is_a_warning(roots: tuple[str, str, str]) -> None:
    state, data, _ = roots
    document = default_document()
    document["process"]["capabilities"]["bounding"].append("CAP_FROM_THE_FUTURE")
    async with open_engine(state, data_root=data) as engine:
        checked = await engine.bundle_work.check(json.dumps(document))
    assert ("process.capabilities.bounding", True) in [
        (problem.where, problem.warning) for problem in checked.problems
    ]
