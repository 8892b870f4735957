"""Findings as lines: counted, each rule once, within the width."""

from __future__ import annotations

from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.spec.lint.linting import RULES, lint
from tuicontainer.spec.lint.rule import Finding
from tuicontainer.tui.lint_lines import lint_lines
from tuicontainer.tui.spans import plain, width_of


def test_each_rule_is_told_once_with_all_places() -> None:
    found = [
        Finding(rule="mount-host", where="mounts[1].source", found="/etc"),
        Finding(rule="mount-host", where="mounts[2].source", found="/boot"),
        Finding(rule="host-uts", where="linux.namespaces", found="the host's uts namespace"),
    ]
    text = "\n".join(plain(line) for line in lint_lines(found, 80))
    assert text.startswith("2 high  1 low\n")
    assert text.count("▲ mount-host  high") == 1
    assert "mounts[1].source: /etc\n  mounts[2].source: /boot\n" in text
    assert RULES["mount-host"].remedy in text


def test_nothing_found_says_what_was_looked_for() -> None:
    text = "\n".join(plain(line) for line in lint_lines([], 60))
    assert "nothing is risky" in text
    assert "seccomp-missing" in text


def test_lines_stay_within_the_width() -> None:
    found = lint(decode_config(default_document()))
    assert all(width_of(line) <= 30 for line in lint_lines(found, 30))
