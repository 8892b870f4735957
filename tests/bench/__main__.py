"""`python -m tests.bench [--rounds N] [RACE…]`: all races, or the named ones, in one process."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile

from tests.bench import doors, memory, runtimes, screens
from tests.bench.race import print_standings, run_race
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
                for room in (runtimes, doors, screens)
                for race in room.races(setting)
            }
            names = [*known, memory.NAME]
            if unknown := set(options.races) - set(names):
                parser.error(
                    f"no race is called {', '.join(unknown)}; there are {', '.join(names)}"
                )
            for name in options.races or names:
                if name == memory.NAME:
                    memory.weigh(setting)
                else:
                    print_standings(known[name], run_race(known[name], options.rounds))
        finally:
            setting.clean()
    sys.stdout.write(
        f"\nKernel {os.uname().release}, {os.cpu_count()} processors. Compare ratios only.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
