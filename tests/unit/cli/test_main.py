"""The program as a whole: help, version, wrong usage and exit statuses, without root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tuicontainer import __version__
from tuicontainer.cli.main import VERBS, find_command, main


@pytest.fixture(autouse=True)
def own_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUICONTAINER_ROOT", str(tmp_path / "state"))
    monkeypatch.setenv("TUICONTAINER_DATA_ROOT", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_help_lists_every_verb(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capfd.readouterr().out
    for verb in VERBS:
        assert f"\n  {verb} " in out


def test_version(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capfd.readouterr().out == f"tuicontainer {__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_examples(
    verb: str, capfd: pytest.CaptureFixture[str]
) -> None:
    command = find_command(verb)
    assert command.name == verb
    assert main([verb, "--help"]) == 0
    out = capfd.readouterr().out
    assert out.startswith(f"usage: tuicontainer {verb}")
    assert f"$ tuicontainer {verb}" in out


@pytest.mark.parametrize("verb", VERBS)
def test_no_option_is_written_twice(verb: str) -> None:
    from tuicontainer.cli.options import GLOBAL

    names = [name for option in (*find_command(verb).options, *GLOBAL) for name in option.names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["frobnicate"], 2, "unknown verb `frobnicate`"),
        (["restrat"], 2, "did you mean `restart`?"),
        (["--nonsense"], 2, "unknown option `--nonsense`"),
        (["ps", "--nonsense"], 2, "unknown option `--nonsense`"),
        (["ps", "extra"], 2, "`extra`"),
        (["kill"], 2, "`kill` needs ID…"),
        (["kill", "-s", "WEIRD", "x"], 2, "unknown signal"),
        (["ps", "--format", "xml"], 2, "one of table, json"),
        (["run"], 125, "`run` needs BUNDLE"),
        (["run", "--memory", "lots", "hello"], 125, "`lots` isn't a size"),
        (["exec", "x"], 125, "`exec` needs ID COMMAND…"),
        (["--read-only", "kill", "x"], 1, "read-only"),
        (["run", "--read-only", "hello"], 125, "read-only"),
        (["rename", "x"], 2, "`rename` needs ID NAME"),
        (["rename", "x", "y", "z"], 2, "`z`"),
    ],
)
def test_failures_are_one_line_on_standard_error(
    words: list[str], status: int, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == status
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("tuicontainer: ")
    assert text in captured.err


def test_read_only_may_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUICONTAINER_READ_ONLY", "1")
    assert main(["stop", "x"]) == 1
    assert "read-only" in capfd.readouterr().err


@pytest.mark.parametrize("verb", [verb for verb in VERBS if find_command(verb).changes])
def test_without_root_a_changing_verb_says_what_works(
    verb: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    command = find_command(verb)
    assert main([verb, *("x", "y")[: command.most]]) == command.failure
    err = capfd.readouterr().err
    assert f"`{verb}` needs root" in err
    assert "ps, logs" in err


def test_the_user_interface_needs_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert "needs a terminal" in capfd.readouterr().err


def test_broken_settings_are_named_but_help_still_works(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "config" / "tuicontainer"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("colour = 1\n")
    assert main(["ps", "--help"]) == 0
    capfd.readouterr()
    assert main(["ps"]) == 1
    assert "line 1: unknown key `colour`" in capfd.readouterr().err
