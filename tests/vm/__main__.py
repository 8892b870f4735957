"""`python -m tests.vm PYTEST-ARGUMENTS…`: run any tests in the guest and watch its console."""

from __future__ import annotations

import sys

from tests.vm.image import ensure_image, missing
from tests.vm.machine import run_in_guest


def main() -> int:
    """Boot, run, and return pytest's exit status."""
    if reason := missing():
        print(f"vm: {reason}", file=sys.stderr)
        return 1
    report = run_in_guest(ensure_image(), sys.argv[1:], timeout=1800, echo=True)
    return 1 if report.status is None else report.status


if __name__ == "__main__":
    sys.exit(main())
