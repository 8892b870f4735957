"""`lint`: what is risky in bundles that are legal."""

from __future__ import annotations

import os

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import printable, write, write_json
from tuicontainer.errors import InvalidArgument, TuiContainerError
from tuicontainer.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.spec.lint.rule import Finding

_NEVER = "never"


class Verdict(Record):
    """What is to be said of one bundle."""

    path: str
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    """Why it can't be used at all; empty if it can."""


def lint(invocation: Invocation) -> int:
    """Print what is risky; status 1 if something is too bad or a bundle can't be used."""
    from tuicontainer.bundles.catalogue import find_bundle, list_bundles
    from tuicontainer.spec.lint.linting import at_least

    roots, locations = invocation.bundle_roots, invocation.locations
    paths = [find_bundle(name, roots, locations) for name in invocation.operands]
    paths = paths or [view.path for view in list_bundles(roots, locations)]
    verdicts = [_judge(invocation, path) for path in paths]
    if invocation.json:
        write_json([_row(verdict) for verdict in verdicts])
    else:
        write("".join(map(_text, verdicts)) or "no bundles\n")
    level = invocation.options.fail_on
    return int(
        any(
            verdict.problem or (level != _NEVER and at_least(level, verdict.findings))
            for verdict in verdicts
        )
    )


def _judge(invocation: Invocation, path: str) -> Verdict:
    from tuicontainer.bundles.catalogue import lint_bundle

    try:
        found = lint_bundle(path, invocation.locations)
    except TuiContainerError as error:
        return Verdict(path=path, problem=error.message)
    ignored = invocation.options.ignore
    return Verdict(path=path, findings=tuple(each for each in found if each.rule not in ignored))


def _text(verdict: Verdict) -> str:
    from tuicontainer.spec.lint.linting import RULES

    name = printable(os.path.basename(verdict.path))
    if verdict.problem:
        return f"{name}: can't be used: {printable(verdict.problem)}\n"
    if not verdict.findings:
        return f"{name}: nothing found\n"
    lines = [f"{name}:"]
    for finding in verdict.findings:
        rule = RULES[finding.rule]
        lines += [
            printable(f"  {rule.severity:<6} {rule.id}: {finding.where}: {finding.found}"),
            f"         {rule.meaning}",
            f"         → {rule.remedy} ({rule.source})",
        ]
    return "\n".join(lines) + "\n"


def _row(verdict: Verdict) -> dict[str, Any]:
    from tuicontainer.spec.lint.linting import RULES

    return {
        "bundle": os.path.basename(verdict.path),
        "path": verdict.path,
        "problem": verdict.problem or None,
        "findings": [
            {
                **dict(finding.items()),
                **{
                    name: getattr(RULES[finding.rule], name)
                    for name in ("severity", "meaning", "remedy", "source")
                },
            }
            for finding in verdict.findings
        ],
    }


def _rule_id(word: str) -> str:
    from tuicontainer.spec.lint.linting import RULES

    if word not in RULES:
        import difflib

        near = difflib.get_close_matches(word, RULES, n=1, cutoff=0.0)[0]
        raise InvalidArgument(f"no rule is called `{word}`", hint=f"did you mean `{near}`?")
    return word


COMMAND = Command(
    name="lint",
    summary="Say what is risky in bundles: capabilities, host namespaces, no limits …",
    run=lint,
    operands="[BUNDLE…]",
    options=(
        Option(
            names=("--fail-on",),
            value="LEVEL",
            help="high, medium, low or never: what makes the status 1 (default high)",
            choices=("high", "medium", "low", _NEVER),
            default="high",
        ),
        Option(
            names=("--ignore",),
            value="RULE",
            help="leave out what this rule finds; may be repeated",
            convert=_rule_id,
            repeat=True,
        ),
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer lint", meaning="all bundles of the bundle roots"),
        Example(
            line="tuicontainer lint --fail-on medium --ignore user-root ./web",
            meaning="for a script: 0 if nothing worse than `low` is left, 1 else",
        ),
    ),
    complete="bundle",
)
