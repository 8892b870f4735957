"""`new` and `copy`: where bundles are made, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.schemas import check
from tuicontainer.bundles.templates import TEMPLATES
from tuicontainer.cli.main import main


@pytest.fixture(autouse=True)
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the person's own bundle root."""
    monkeypatch.setenv("TUICONTAINER_ROOT", str(tmp_path / "state"))
    monkeypatch.setenv("TUICONTAINER_DATA_ROOT", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "data" / "bundles"


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_bundle_is_legal(
    template: str, bundles: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "-t", template, "try"]) == 0
    assert capfd.readouterr().out == f"{bundles / 'try'}\n"
    assert main(["lint", "--fail-on", "never", "--format", "json", "try"]) == 0
    (row,) = json.loads(capfd.readouterr().out)
    assert row["path"] == str(bundles / "try")


def test_the_path_is_told_as_published(bundles: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["copy", "--format", "json", "hello", "mine"]) == 0
    assert check("copy", json.loads(capfd.readouterr().out)) == {
        "bundle": "mine",
        "path": str(bundles / "mine"),
    }


def test_the_first_root_of_ones_own_is_used(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "--bundles", str(tmp_path / "mine"), "x"]) == 0
    assert capfd.readouterr().out == f"{tmp_path / 'mine' / 'x'}\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["new", "../x"], "no bundle can be called `../x`"),
        (["new", ".hidden"], "no bundle can be called `.hidden`"),
        (["copy", "nowhere", "x"], "no bundle `nowhere`"),
        (["copy", "hello", "a/b"], "no bundle can be called `a/b`"),
        (["--read-only", "new", "x"], "read-only"),
        (["copy", "--read-only", "hello", "x"], "read-only"),
    ],
)
def test_what_is_wrong_makes_nothing(
    words: list[str], text: str, bundles: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 1
    assert text in capfd.readouterr().err
    assert not bundles.exists()


def test_nothing_is_written_over(bundles: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (bundles / "x").mkdir(parents=True)
    assert main(["new", "x"]) == 1
    assert "exists" in capfd.readouterr().err
    assert list((bundles / "x").iterdir()) == []
