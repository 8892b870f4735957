"""Looks for all risks in a configuration. Pure."""

from __future__ import annotations

from tuicontainer.spec.lint import files, isolation, limits, privileges
from tuicontainer.spec.lint.rule import SEVERITIES, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuicontainer.spec.config import Config
    from tuicontainer.spec.lint.rule import Rule, Severity

RULES: Mapping[str, Rule] = {
    rule.id: rule for rule in (*privileges.RULES, *isolation.RULES, *files.RULES, *limits.RULES)
}
"""All rules by id, in the order of the documentation."""


def lint(config: Config) -> tuple[Finding, ...]:
    """Return what is risky in a legal configuration, worst first."""
    found = [
        Finding(rule=rule.id, where=where, found=what)
        for rule in RULES.values()
        for where, what in rule.find(config)
    ]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(RULES[finding.rule].severity)))


def at_least(severity: Severity, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return those that are as bad as *severity* or worse."""
    bad = SEVERITIES[: SEVERITIES.index(severity) + 1]
    return tuple(finding for finding in findings if RULES[finding.rule].severity in bad)
