"""`python -m tests.bench [--rounds N] [RACE…]`: all races, or the named ones, in one process."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile

from tests.bench import doors, memory, runtimes, screens, supervision, verbs
from tests.bench.runtimes import Setting


def main() -> int:
    """Run the races and print their standings; no result is a failure."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, metavar="N")
    parser.add_argument("races", nargs="*", metavar="RACE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tuicontainer-bench-") as folder:
        setting = Setting(folder)
        try:
            known = {
                race.name: race
                for room in (runtimes, verbs, doors, screens, memory, supervision)
                for race in room.races(setting)
            }
            if unknown := set(options.races) - set(known):
                parser.error(
                    f"no race is called {', '.join(unknown)}; there are {', '.join(known)}"
                )
            for name in options.races or known:
                known[name].show(options.rounds)
        finally:
            setting.clean()
    sys.stdout.write(
        f"\nKernel {os.uname().release}, {os.cpu_count()} processors. Compare ratios only.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
