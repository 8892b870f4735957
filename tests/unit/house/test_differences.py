"""The document of differences: what it says, what it complains about, and that it isn't stale."""

from __future__ import annotations

import re
from pathlib import Path

from tests.differences.reasons import Reason, read_reasons
from tests.differences.table import document, read_outcomes

CHECKOUT = Path(__file__).resolve().parents[3]
REPORT = b"""<testsuites><testsuite>
<testcase classname="tests.kernel.runtime.test_a" name="test_x[1]"/>
<testcase classname="tests.kernel.runtime.test_a" name="test_x[2]"><failure/></testcase>
<testcase classname="tests.kernel.runtime.deep.test_b" name="test_y"><skipped/></testcase>
<testcase classname="tests.kernel.runtime.deep.test_b" name="test_z"/>
<testcase classname="tests.kernel.runtime.deep.test_b" name="test_z"><error/></testcase>
</testsuite></testsuites>"""
X, Y = "test_a.py::test_x[1]", "deep/test_b.py::test_y"


def test_how_a_report_is_read() -> None:
    assert read_outcomes(REPORT) == {
        X: "pass", "test_a.py::test_x[2]": "fail", Y: "skip", "deep/test_b.py::test_z": "fail",
    }  # fmt: skip


def test_a_difference_is_told_with_its_reason_and_host() -> None:
    outcomes = {
        "hybrid": {"ours": {X: "pass", Y: "skip"}, "runc": {X: "pass", Y: "skip"}},
        "v2": {"ours": {X: "pass", Y: "pass"}, "runc": {X: "fail", Y: "pass"}},
    }
    reason = Reason(runtime="runc", cases=("test_a.py::test_x[1]",), text="is older")
    text, complaints = document(outcomes, {"runc": "1.1"}, [reason])
    assert f"| `{X}` | pass | hybrid pass, v2 fail | runc: is older |" in text
    assert "test_y" not in text
    assert complaints == []


def test_what_is_unexplained_unneeded_or_our_own_fault_is_complained_of() -> None:
    outcomes = {"v2": {"ours": {X: "fail", Y: "pass"}, "runc": {X: "pass", Y: "fail"}}}
    reason = Reason(runtime="runc", cases=("test_c.py::*",), text="was older")
    _, complaints = document(outcomes, {"runc": "1.1"}, [reason])
    assert complaints == [
        f"runc fails {Y}: no reason is given",
        f"ours fails {X}",
        "no case fails any more for: runc: was older",
    ]


def test_every_reason_and_every_row_is_about_a_case_that_exists() -> None:
    folder = CHECKOUT / "tests" / "kernel" / "runtime"
    cases = [case for reason in read_reasons() for case in reason.cases]
    rows = (CHECKOUT / "docs" / "differences.md").read_text()
    cases += re.findall(r"^\| `([^`]+\.py::[^`]+)`", rows, re.MULTILINE)
    assert cases
    for case in cases:
        name, _, function = case.partition("::")
        word = re.match(r"\w*", function)
        assert word is not None
        assert f"def {word[0]}" in (folder / name).read_text() or not word[0], case
