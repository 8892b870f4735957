"""What the editor lists below the text: errors, warnings and risks, each with its line. Pure."""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.spec.lint.linting import RULES, at_least, lint
from tuicontainer.spec.problems import Checked, problem_at
from tuicontainer.tui.quantities import plural
from tuicontainer.tui.spans import Line, clipped, printable


class Row(Record):
    """One entry."""

    line: int
    """From 1."""
    column: int
    mark: str
    tone: str
    text: str


def editor_rows(text: str, checked: Checked) -> list[Row]:
    """Return what is wrong with *text*, worst first, and what is more than a little risky in it."""
    rows = [
        Row(
            line=problem.line,
            column=problem.column,
            mark="!" if problem.warning else "✗",
            tone="warning" if problem.warning else "bad",
            text=f"{problem.where}: {problem.text}" if problem.warning else problem.text,
        )
        for problem in sorted(checked.problems, key=lambda each: each.warning)
    ]
    if checked.config is not None and checked.positions is not None:
        for finding in at_least("medium", lint(checked.config)):
            place = problem_at(text, checked.positions, finding.where, "")
            what = f"{finding.rule}: {RULES[finding.rule].meaning}"
            rows.append(Row(line=place.line, column=place.column, mark="▲", tone="dim", text=what))
    return rows


def row_line(row: Row, width: int) -> Line:
    """Return one entry as a line."""
    text = clipped(printable(row.text), max(1, width - 11))
    return ((f" {row.mark} ", row.tone), (f"{row.line:>5}  ", "dim"), (text, "text"))


def counted(rows: list[Row]) -> str:
    """Return `1 error, 2 warnings, 3 risks`."""
    words = []
    for mark, word in (("✗", "error"), ("!", "warning"), ("▲", "risk")):
        count = sum(row.mark == mark for row in rows)
        if count:
            words.append(plural(count, word))
    return ", ".join(words) or "nothing to complain about"
