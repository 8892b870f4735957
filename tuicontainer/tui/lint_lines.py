"""What is risky in a bundle, as lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tuicontainer.spec.lint.linting import RULES
from tuicontainer.spec.lint.rule import SEVERITIES, Finding
from tuicontainer.tui.kernel.layout import paragraph
from tuicontainer.tui.spans import Line, clipped, printable

if TYPE_CHECKING:
    from tuicontainer.spec.lint.rule import Severity

TONES: dict[Severity, str] = {"high": "bad", "medium": "warning", "low": "dim"}
"""By severity, the tone of its mark."""


def lint_lines(found: Sequence[Finding], width: int) -> list[Line]:
    """Return how much there is, and one block a rule with all of its places."""
    if not found:
        return [
            (("● ", "good"), ("nothing is risky", "text")),
            (),
            *paragraph(f"looked for are {len(RULES)} kinds of risk: {', '.join(RULES)}", width),
        ]
    lines: list[Line] = [_summary(found)]
    for rule_id in dict.fromkeys(finding.rule for finding in found):
        rule = RULES[rule_id]
        lines += [
            (),
            (("▲ ", TONES[rule.severity]), (rule.id, "strong"), (f"  {rule.severity}", "dim")),
        ]
        for finding in found:
            if finding.rule == rule_id:
                text = printable(f"{finding.where}: {finding.found}")
                lines.append(((f"  {clipped(text, width - 2)}", "key"),))
        for text, tone in (
            (rule.meaning, "text"),
            (f"→ {rule.remedy}", "text"),
            (rule.source, "dim"),
        ):
            lines += [(("  ", "text"), *line) for line in paragraph(text, width - 2, tone)]
    return lines


def _summary(found: Sequence[Finding]) -> Line:
    line: Line = ()
    for severity in SEVERITIES:
        count = sum(RULES[finding.rule].severity == severity for finding in found)
        if count:
            line = (*line, ("  " if line else "", "text"), (f"{count} {severity}", TONES[severity]))
    return line
