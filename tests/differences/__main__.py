"""`python -m tests.differences FOLDER`: the drop-in's cases against ours, runc and crun.

FOLDER keeps pytest's reports, named `HOST-RUNTIME.xml`; those that it lacks are made first: on this
host, and in the v2 guest where that can run. Then `docs/differences.md` is written anew. Fails if a
difference has no reason in `reasons.toml`, or a reason has no difference any more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.differences.reasons import read_reasons
from tests.differences.table import Outcomes, document, read_outcomes
from tests.vm.image import CHECKOUT, ensure_image, missing
from tests.vm.machine import run_in_guest
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies

CASES = "tests/kernel/runtime"
RUNTIMES = ("ours", "runc", "crun")
GUEST = "v2"
GUEST_SECONDS = 7200.0
# crun refuses a host where the unified hierarchy lies beside v1's; in this mount namespace it sees
# v1 alone, and the folders that it makes in place of the unified one are gone with the namespace.
HIDE_UNIFIED = (
    'umount /sys/fs/cgroup/unified && mount -t tmpfs none /sys/fs/cgroup/unified && exec "$@"'
)


def main() -> int:
    """Make what is missing, write the document, and say what has no reason."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    host = read_hierarchies().mode
    hosts = [host] if host == GUEST or missing() else [host, GUEST]
    outcomes: dict[str, dict[str, Outcomes]] = {}
    for name in hosts:
        for runtime in RUNTIMES:
            report = folder / f"{name}-{runtime}.xml"
            if not report.exists():
                print(f"running the cases of {runtime} on {name}", file=sys.stderr)
                _run(runtime, report, guest=name == GUEST != host)
            outcomes.setdefault(name, {})[runtime] = read_outcomes(report.read_bytes())
    versions = {name: _version(name) for name in RUNTIMES[1:]}
    text, complaints = document(outcomes, versions, read_reasons())
    Path(CHECKOUT, "docs").mkdir(exist_ok=True)
    Path(CHECKOUT, "docs", "differences.md").write_text(text)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def _run(runtime: str, report: Path, *, guest: bool) -> None:
    arguments = ["-q", "-m", "kernel", CASES]
    os.environ["TUICONTAINER_COMPARING"] = "yes"
    if guest:
        os.environ["RUNTIME"] = "" if runtime == "ours" else _guest_path(runtime)
        report.write_bytes(run_in_guest(ensure_image(), arguments, timeout=GUEST_SECONDS).junit)
        return
    path = "" if runtime == "ours" else shutil.which(runtime, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if path is None:
        raise SystemExit(f"{runtime} isn't installed")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    command += [f"--junitxml={report}"]
    if runtime == "crun" and os.path.ismount("/sys/fs/cgroup/unified"):
        command = ["unshare", "--mount", "sh", "-c", HIDE_UNIFIED, "-", *command]
    subprocess.run(command, cwd=CHECKOUT, env={**os.environ, "RUNTIME": path}, check=False)


def _guest_path(runtime: str) -> str:
    """Return where Debian has it."""
    return {"runc": "/usr/sbin/runc", "crun": "/usr/bin/crun"}[runtime]


def _version(runtime: str) -> str:
    said = subprocess.run([runtime, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[2].partition("+")[0]


if __name__ == "__main__":
    sys.exit(main())
