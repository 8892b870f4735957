"""docs/lint.md is what the rules say."""

from __future__ import annotations

from tests.lint_table import PAGE, page


def test_the_page_is_made_from_the_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.lint_table"
