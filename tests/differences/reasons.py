"""Why a case of ours fails with another runtime: `reasons.toml`, kept by hand."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("reasons.toml")


class Reason(NamedTuple):
    """One reason, for some cases with one runtime."""

    runtime: str
    cases: tuple[str, ...]
    """Patterns such as `test_exec.py::test_flags` or `test_scheduling.py::*`."""
    text: str

    def explains(self, runtime: str, case: str) -> bool:
        """Tell whether this is why *case* fails with *runtime*."""
        # Square brackets are part of a case's name, not sets of letters.
        patterns = [pattern.replace("[", "[[]") for pattern in self.cases]
        return runtime == self.runtime and any(fnmatchcase(case, each) for each in patterns)


def read_reasons() -> list[Reason]:
    """Return all reasons, the first that fits counts."""
    entries = tomllib.loads(FILE.read_text())["reason"]
    return [
        Reason(runtime=entry["runtime"], cases=tuple(entry["cases"]), text=entry["text"])
        for entry in entries
    ]
