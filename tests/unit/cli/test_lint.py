"""`lint`: what is printed, and which status it ends with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.schemas import check
from tuicontainer.cli.main import main
from tuicontainer.spec.default import default_document


@pytest.fixture(autouse=True)
def own_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUICONTAINER_ROOT", str(tmp_path / "state"))
    monkeypatch.setenv("TUICONTAINER_DATA_ROOT", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def bundle(folder: Path, **changes: Any) -> str:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(default_document() | changes))
    return str(folder)


def test_findings_are_told_with_remedy_and_source(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", bundle(tmp_path / "b")]) == 0
    out = capfd.readouterr().out
    assert "  medium seccomp-missing: linux.seccomp: no filter\n" in out
    assert "→ add `linux.seccomp`" in out
    assert "config-linux.md#seccomp" in out


def test_its_json_is_as_published(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{,")
    status = main(["lint", "--format", "json", bundle(tmp_path / "b"), str(broken)])
    legal, illegal = check("lint", json.loads(capfd.readouterr().out))
    assert status == 1
    assert (legal["bundle"], legal["problem"]) == ("b", None)
    assert legal["findings"][0]["severity"] == "medium"
    assert "isn't JSON" in illegal["problem"]
    assert illegal["findings"] == []


@pytest.mark.parametrize(
    ("level", "status"), [("high", 0), ("medium", 1), ("low", 1), ("never", 0)]
)
def test_the_status_says_whether_something_is_too_bad(
    level: str, status: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", "--fail-on", level, bundle(tmp_path / "b")]) == status
    assert capfd.readouterr().out


def test_rules_can_be_left_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = bundle(tmp_path / "b", root={"path": "/"})
    assert main(["lint", path]) == 1
    assert main(["lint", "--ignore", "root-outside", path]) == 0
    assert capfd.readouterr().out.count("root-outside") == 1


def test_a_rule_that_is_none_is_wrong(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--ignore", "root-outsied"]) == 2
    assert "did you mean `root-outside`?" in capfd.readouterr().err


def test_all_bundles_are_looked_at_without_being_assembled(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", "--format", "json"]) == 0
    names = {row["bundle"] for row in json.loads(capfd.readouterr().out)}
    assert {"hello", "web"} <= names
    assert not (tmp_path / "data").exists()


def test_no_shipped_bundle_is_highly_risky(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--fail-on", "high"]) == 0
    assert " high " not in capfd.readouterr().out


def test_an_unknown_bundle_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "nowhere"]) == 1
    assert "no bundle `nowhere`" in capfd.readouterr().err
