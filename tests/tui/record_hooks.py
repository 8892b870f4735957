"""Records one container with slow and failing hooks, for the waterfall of its timeline.

    sudo .venv/bin/python -m tests.tui.record_hooks      writes tests/tui/recordings/hooks.jsonl

It takes five seconds; the rest is as in `tests.tui.record`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.busybox import shell_bundle
from tests.tui.record import record
from tuicontainer.engine.api import Engine
from tuicontainer.engine.recording import Recorder

HOOKED = Path(__file__).parent / "recordings" / "hooks.jsonl"
_HOOKS = {
    "createRuntime": ("network", "sleep 0.02; echo 'eth0: waiting for the bridge' >&2"),
    "createContainer": ("secrets", "sleep 0.005"),
    "poststart": ("register", "echo 'registered as gate-1' >&2"),
    "poststop": ("unregister", "echo 'unregister: no answer from 10.0.0.2:8500' >&2; exit 7"),
}


async def run_scenario(
    engine: Engine,
    recorder: Recorder,
    folder: Path,
    *,
    breadth: float = 1.0,
) -> None:
    """Start a container with hooks twice; the second time begins with the end of the first."""
    hooks = {kind: [{"path": _script(folder, *hook)}] for kind, hook in _HOOKS.items()}
    shell_bundle(folder / "gate", "trap 'exit 0' TERM; while :; do sleep 0.1; done", hooks=hooks)
    await asyncio.sleep(1)
    container = await engine.create("gate")
    await container.start()
    await asyncio.sleep(1)
    await container.restart()
    await asyncio.sleep(2.5)
    recorder.mark("hooks")


def _script(folder: Path, name: str, script: str) -> str:
    path = folder / f"{name}.sh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def main() -> int:
    """Write the committed recording."""
    if os.geteuid() != 0:
        print("recording real containers needs root", file=sys.stderr)
        return 1
    with HOOKED.open("w", encoding="utf-8") as file:
        asyncio.run(record(file, scenario=run_scenario))
    print(f"wrote {HOOKED} ({HOOKED.stat().st_size >> 10} KiB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
