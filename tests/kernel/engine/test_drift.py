"""A container that nobody touched is as configured; one that somebody did isn't, and it shows."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.busybox import STEADY
from tests.kernel.engine.place import Place, run
from tuicontainer.engine.api import Container
from tuicontainer.observe.drift import Drift, find_drift
from tuicontainer.runtime.processes import sample
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document

pytestmark = pytest.mark.kernel


async def drifts(place: Place, container: Container) -> Sequence[Drift]:
    config = decode_config((await container.inspect())["config"])
    return find_drift(config, await container.kernel(), sample(place.root, container.id))


async def test_a_fresh_container_has_none(place: Place) -> None:
    async with place.open() as engine:
        limits = {"memory_limit": 64 << 20, "cpus": 0.5, "pids_limit": 20}
        container = await run(engine, place.bundle("steady"), "x", **limits)
        assert await drifts(place, container) == ()


def mount_inside(pid: int, target: str) -> None:
    """Mount a tmpfs in a container's mount namespace."""
    enter = ("nsenter", f"--mount=/proc/{pid}/ns/mnt", f"--root=/proc/{pid}/root")
    busybox = ("/bin/busybox", "mount", "-t", "tmpfs", "none", target)
    subprocess.run([*enter, *busybox], check=True)


async def test_what_somebody_mounts_from_outside_is_found(place: Place) -> None:
    async with place.open() as engine:
        container = await run(engine, place.bundle("steady"), "x")
        mount_inside((await container.view()).pid, "/tmp")
        (found,) = await drifts(place, container)
        assert (found.kind, found.found) == ("mount-unasked", "tmpfs on /tmp")


def set_score(pid: int, score: int) -> None:
    Path(f"/proc/{pid}/oom_score_adj").write_text(str(score))


async def test_a_changed_score_is_found(place: Place) -> None:
    process = default_document()["process"] | {
        "args": ["/bin/sh", "-c", STEADY],
        "terminal": False,
        "oomScoreAdj": 100,
    }
    async with place.open() as engine:
        container = await run(engine, place.bundle("steady", process=process), "x")
        assert await drifts(place, container) == ()
        set_score((await container.view()).pid, 200)
        (found,) = await drifts(place, container)
        assert (found.kind, found.wanted, found.found) == ("oom-score", "100", "200")
