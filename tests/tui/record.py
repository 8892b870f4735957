"""Records a small fleet of real containers for the tests and pictures of the terminal UI.

    sudo .venv/bin/python -m tests.tui.record            writes tests/tui/recordings/fleet.jsonl

It makes, runs and removes containers of the shipped bundles (and of two more that it writes) on
roots of its own, and takes about two minutes, because the history should have something to show.
In the written file the temporary roots have their usual names; nothing else is touched.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tests.busybox import shell_bundle
from tuicontainer.engine.api import Container, CreateOptions, Engine
from tuicontainer.engine.open import open_engine
from tuicontainer.engine.recording import Recorder
from tuicontainer.errors import TuiContainerError
from tuicontainer.locations import shipped_dir
from tuicontainer.supervise.views import ContainerView

FLEET = Path(__file__).parent / "recordings" / "fleet.jsonl"
MANY = 18
"""Containers that are added for the moment `many`."""

_SLOW_HOOK = """#!/bin/sh
sleep 8
"""


async def run_scenario(
    engine: Engine, recorder: Recorder, folder: Path, *, breadth: float = 1.0
) -> None:
    """Lead containers through every state, naming the moments.

    Args:
        engine: a real one with the shipped bundles and *folder* as bundle roots.
        recorder: takes the moments' names.
        folder: a bundle root that may be written to.
        breadth: share of the usual waiting and of the usual number of containers.
    """
    await asyncio.sleep(2.5)
    recorder.mark("empty")
    web = await _started(engine, "web")
    await _started(engine, "logger")
    cpu = await _started(engine, "cpu")
    await _started(engine, "shell")
    await asyncio.sleep(20 * breadth)
    memory = await _started(engine, "memory")
    await memory.wait()
    await asyncio.sleep(10 * breadth)
    await (await _started(engine, "hello")).wait()
    await _fail(engine)
    await _kill(engine)
    await cpu.restart(timeout=0)
    await asyncio.sleep(40 * breadth)
    user = await _started(engine, "user")
    await asyncio.sleep(1)
    await user.pause()
    await engine.create("hooks")
    await (await _started(engine, "memory")).wait()
    creating = asyncio.create_task(engine.create("slow"))
    await _until(engine, "slow-1", lambda view: view.status == "creating")
    await asyncio.sleep(2.2)
    await recorder.look_at_kernel()
    recorder.mark("every state")
    await (await creating).start()
    for _ in range(int(MANY * breadth)):
        await _started(engine, "logger")
    await asyncio.sleep(4)
    recorder.mark("many")
    await web.stop()


async def _started(engine: Engine, bundle: str, options: CreateOptions | None = None) -> Container:
    container = await engine.create(bundle, options)
    await container.start()
    return container


async def _fail(engine: Engine) -> None:
    """Let one program end with a status of its own, and one not be found."""
    args = ("/bin/sh", "-c", "echo about to fail >&2; exit 3")
    await (await _started(engine, "hello", CreateOptions(container_id="failing", args=args))).wait()
    missing = CreateOptions(container_id="missing", args=("/no/such/program",))
    try:
        await _started(engine, "hello", missing)
    except TuiContainerError as error:
        print(f"as expected: {error.message}")


async def _kill(engine: Engine) -> None:
    """End one program by a signal."""
    container = await _started(engine, "steady")
    await asyncio.sleep(1)
    await container.kill("KILL")
    await container.wait()


async def _until(engine: Engine, container_id: str, holds: Callable[[ContainerView], bool]) -> None:
    async with asyncio.timeout(20):
        async for views in engine.watch_containers():
            if any(view.id == container_id and holds(view) for view in views):
                return


class Scenario(Protocol):
    """What containers are led through while a recorder watches; see `run_scenario`."""

    async def __call__(
        self, engine: Engine, recorder: Recorder, folder: Path, *, breadth: float = 1.0
    ) -> None: ...


def write_bundles(folder: Path) -> None:
    """Write the bundles that the shipped ones don't stand for."""
    hook = folder / "slow.sh"
    hook.write_text(_SLOW_HOOK)
    hook.chmod(0o755)
    slow = shell_bundle(folder / "slow", "while :; do sleep 1; done")
    _change(slow, "Its hook takes eight seconds", hooks={"createRuntime": [{"path": str(hook)}]})
    steady = shell_bundle(folder / "steady", "while :; do sleep 1; done")
    _change(steady, "Runs until a signal ends it")
    broken = folder / "broken"
    broken.mkdir()
    (broken / "config.json").write_text('{"ociVersion": "1.0.2", "process": ')


def _change(bundle: Path, description: str, **changes: object) -> None:
    path = bundle / "config.json"
    document = json.loads(path.read_text())
    document["annotations"] = {"io.tuicontainer.description": description}
    path.write_text(json.dumps(document | changes))


async def record(
    file: io.TextIOBase, breadth: float = 1.0, scenario: Scenario = run_scenario
) -> None:
    """Run a scenario on roots of its own, write the recording, leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="tuicontainer-record-"))
    own = folder / "bundles"
    own.mkdir()
    write_bundles(own)
    state_root, data_root = str(folder / "state"), str(folder / "data")
    text = io.StringIO()
    try:
        roots = (shipped_dir("bundles"), str(own))
        async with open_engine(state_root, data_root=data_root, bundles=roots) as engine:
            try:
                async with Recorder(engine, text) as recorder:
                    await scenario(engine, recorder, own, breadth=breadth)
            finally:
                for view in await engine.containers():
                    await (await engine.container(view.id)).delete(force=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    usual = text.getvalue()
    for temporary, name in (
        (str(own), "/srv/bundles"),
        (state_root, "/run/tuicontainer"),
        (data_root, "/var/lib/tuicontainer"),
        (shipped_dir("bundles"), "/usr/share/tuicontainer/bundles"),
    ):
        usual = usual.replace(temporary, name)
    file.write(usual)


def main() -> int:
    """Write the committed recording."""
    if os.geteuid() != 0:
        print("recording real containers needs root", file=sys.stderr)
        return 1
    FLEET.parent.mkdir(exist_ok=True)
    with FLEET.open("w", encoding="utf-8") as file:
        asyncio.run(record(file))
    print(f"wrote {FLEET} ({FLEET.stat().st_size >> 10} KiB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
