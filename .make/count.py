"""Add up the JUnit reports of a test run: reasons of the skips, failures, one line of counts.

Usage: count.py FOLDER, which holds `TIER.xml` and, for each pytest that ran, `TIER.status`. A
pytest that ended badly without saying which test failed counts as one failure, so the line never
says more than is known. pytest-rerunfailures writes a test that failed at first twice, the first
time without its failure: it counts once, and is named. Exit status 0 only if something passed and
nothing failed.
"""

from __future__ import annotations

import glob
import os
import sys
import xml.etree.ElementTree as ET
from collections import Counter

NO_TESTS_COLLECTED = 5  # pytest.ExitCode


def main(folder: str) -> int:
    """Print the sums of *folder*'s reports and return the exit status."""
    passed: Counter[str] = Counter()
    failed: dict[str, None] = {}  # in order, each once
    skipped: Counter[str] = Counter()
    for path in sorted(glob.glob(os.path.join(folder, "*.xml"))):
        tier = os.path.basename(path).removesuffix(".xml")
        for case in ET.parse(path).getroot().iter("testcase"):
            name = f"{tier}: {case.get('classname')}::{case.get('name')}"
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                failed[name] = None
            elif skip is not None:
                skipped[f"{tier}: {skip.get('message') or 'no reason given'}"] += 1
            else:
                passed[name] += 1
    for path in sorted(glob.glob(os.path.join(folder, "*.status"))):
        tier = os.path.basename(path).removesuffix(".status")
        with open(path) as file:
            status = int(file.read())
        named = any(name.startswith(f"{tier}: ") for name in failed)
        if status not in (0, NO_TESTS_COLLECTED) and not named:
            failed[f"{tier}: pytest ended with status {status}"] = None
    print()
    for reason, count in sorted(skipped.items()):
        print(f"skipped {count:4}  {reason}")
    for name in failed:
        passed.pop(name, None)
    for name, tries in passed.items():
        if tries > 1:
            print(f"second try    {name}")
    for name in failed:
        print(f"failed        {name}")
    print(f"{len(passed)} passed, {len(failed)} failed, {skipped.total()} skipped")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
