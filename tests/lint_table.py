"""The tables of docs/lint.md, made from the rules. `python -m tests.lint_table` writes the file."""

from __future__ import annotations

from pathlib import Path

from tuicontainer.observe.drift import KINDS
from tuicontainer.spec.lint.linting import RULES

PAGE = Path(__file__).parents[1] / "docs" / "lint.md"

_HEAD = """\
# What is risky in a bundle, and what has drifted

`tuicontainer lint` reads config.json and names what is legal and risky all the same; the terminal
user interface shows the same for the bundle under the cursor and while one is edited. Root file
systems aren't looked at, and names are taken at their word: a rule can be wrong about a path. A
user namespace of the container's own makes several rules fall silent, because they are about what
root of the host can do.

The status is 0 if nothing is as bad as `--fail-on` (`high` unless said otherwise), 1 if something
is or a bundle can't be used, 2 for wrong usage. `--ignore RULE` leaves a rule out. Ids are stable.

`high` is a way to the host, `medium` a barrier less, `low` what well kept bundles have besides.

This page is made from the code by `python -m tests.lint_table`; each rule and each kind has a test
where it fires and one where it doesn't (`tests/unit/spec/lint`, `tests/unit/observe`).
"""


def page() -> str:
    """Return what docs/lint.md is to be."""
    lines = [
        _HEAD,
        "## Rules",
        "",
        "| rule | severity | what can happen | what to write | source |",
    ]
    lines.append("|---|---|---|---|---|")
    lines += [
        f"| `{rule.id}` | {rule.severity} | {rule.meaning} | {rule.remedy} | {rule.source} |"
        for rule in RULES.values()
    ]
    lines += ["", "## Drift", ""]
    lines += [
        "Where a running container differs from its configuration, by the kernel's account.",
        "",
    ]
    lines += ["| kind | what it means | source |", "|---|---|---|"]
    for kind, text in KINDS.items():
        meaning, _, source = text.removesuffix(")").rpartition(" (")
        lines.append(f"| `{kind}` | {meaning} | {source} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
