"""From reports to the document: which cases end differently, and why. Pure."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.differences.reasons import Reason

Outcomes = dict[str, str]
"""From a case, such as `test_exec.py::test_flags[a]`, to `pass`, `fail` or `skip`."""
OURS = "ours"
NEVER = "-"

_HEAD = """# What runc and crun do otherwise

Written by `python -m tests.differences`; the reasons are kept in `tests/differences/reasons.toml`.

Every case of the drop-in runtime's command line (`tests/kernel/runtime`, with `RUNTIME=` for
another one than ours) runs against ours, {peers}. A case that both others
fail is looked at twice: it may be the case that is wrong. A case that only ours fails is our bug;
there is none. Cases of our own rules, and of commands that only we have, don't run against others.

A host is named where its outcome differs: hybrid is cgroup v1 with the unified hierarchy beside it
(crun, which refuses that, sees v1 alone), v2 a guest with pure cgroup v2 and systemd.

{counts}
"""


def read_outcomes(junit: bytes) -> Outcomes:
    """Return how each case of a report ended. An error after a case counts as its failure."""
    outcomes: Outcomes = {}
    for case in ET.fromstring(junit).iter("testcase"):
        place = case.get("classname", "").removeprefix("tests.kernel.runtime.").replace(".", "/")
        name = f"{place}.py::{_printable(case.get('name', ''))}"
        bad = case.find("failure") is not None or case.find("error") is not None
        skipped = case.find("skipped") is not None
        now = "fail" if bad else "skip" if skipped else "pass"
        if outcomes.get(name) != "fail":
            outcomes[name] = now
    return outcomes


def document(
    outcomes: Mapping[str, Mapping[str, Outcomes]],
    versions: Mapping[str, str],
    reasons: Sequence[Reason],
) -> tuple[str, list[str]]:
    """Return the document and what is wrong with it: differences and reasons that lack the other.

    Args:
        outcomes: of each host, by runtime.
        versions: of the other runtimes.
        reasons: why.
    """
    complaints: list[str] = []
    used: set[Reason] = set()
    rows: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    # Those that call our functions and not a command are in our reports alone.
    cases = {
        case
        for by in outcomes.values()
        for case in by[OURS]
        if any(case in by[runtime] for runtime in versions)
    }
    for case in sorted(cases):
        cells = tuple(_cell(outcomes, runtime, case) for runtime in (OURS, *versions))
        if "fail" in cells[0]:
            complaints.append(f"ours fails {case}")
        texts = []
        for runtime, cell in zip(versions, cells[1:], strict=True):
            if "fail" not in cell:
                continue
            found = [reason for reason in reasons if reason.explains(runtime, case)]
            used.update(found[:1])
            if not found:
                complaints.append(f"{runtime} fails {case}: no reason is given")
            texts += [f"{runtime}: {reason.text}" for reason in found[:1]]
        if any("fail" in cell for cell in cells):
            rows.setdefault((case.partition("[")[0], cells, "<br>".join(texts)), []).append(case)
    complaints += [
        f"no case fails any more for: {reason.runtime}: {reason.text}"
        for reason in reasons
        if reason not in used
    ]
    lines = [
        f"| case | {' | '.join((OURS, *versions))} | reason |",
        f"|{'---|' * (len(versions) + 2)}",
    ]
    for (function, cells, text), cases in rows.items():
        name = cases[0] if len(cases) == 1 else f"{function} ({len(cases)})"
        lines.append(f"| `{name.replace('|', '¦')}` | {' | '.join(cells)} | {text} |")
    peers = " and ".join(f"{runtime} {version}" for runtime, version in versions.items())
    head = _HEAD.format(peers=peers, counts=_counts(outcomes))
    return head + "\n" + "\n".join(lines) + "\n", complaints


def _cell(outcomes: Mapping[str, Mapping[str, Outcomes]], runtime: str, case: str) -> str:
    """Return one outcome if all hosts agree, else each with its host's name."""
    found = {host: by.get(runtime, {}).get(case, NEVER) for host, by in outcomes.items()}
    # A case that a host can't run says nothing about the runtime.
    told = {host: end for host, end in found.items() if end not in {NEVER, "skip"}}
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    if not told:
        return "skip"
    return ", ".join(f"{host} {end}" for host, end in told.items())


def _counts(outcomes: Mapping[str, Mapping[str, Outcomes]]) -> str:
    lines = ["| host | runtime | passed | failed | skipped |", "|---|---|---|---|---|"]
    for host, by in outcomes.items():
        for runtime, cases in by.items():
            ends = [list(cases.values()).count(end) for end in ("pass", "fail", "skip")]
            lines.append(f"| {host} | {runtime} | {' | '.join(map(str, ends))} |")
    return "\n".join(lines)


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in name)
