"""Statistics of real containers, checked against what the programs are made to do."""

from __future__ import annotations

import asyncio
import json
import os

import pytest

from tests.contracts.engine.test_streams import opened, until
from tests.kernel.engine.place import Place, open_files, run
from tuicontainer.engine.statistics import ContainerStats

pytestmark = pytest.mark.kernel


async def measured(place: Place, container_id: str, ticks: int = 4) -> ContainerStats:
    """Return the statistics of a container after some ticks."""
    async with place.open() as engine, opened(engine.stats(0.5)) as stream:
        await until(stream, lambda tick: container_id in tick.containers)
        for _ in range(ticks):
            last = await until(stream, lambda _: True)
        return last.containers[container_id]


async def test_a_busy_loop_under_a_quota_is_throttled(place: Place) -> None:
    async with place.open() as engine:
        await run(engine, place.bundle("cpu", "while :; do :; done"), "x", cpus=0.25)
    stats = await measured(place, "x")
    assert stats.cpu_limit_cores == 0.25
    assert stats.cpu_percent_of_core is not None
    assert 10 < stats.cpu_percent_of_core < 40
    assert stats.cpu_percent_of_limit == pytest.approx(stats.cpu_percent_of_core * 4)
    assert stats.throttled_percent is not None
    assert stats.throttled_percent > 20


async def test_an_idle_container_costs_nothing(place: Place) -> None:
    async with place.open() as engine:
        await run(engine, place.bundle("idle", "exec sleep 1000"), "x", memory_limit=64 << 20)
    stats = await measured(place, "x")
    assert stats.cpu_percent_of_core == pytest.approx(0, abs=1)
    assert stats.throttled_percent in (0.0, None)
    assert stats.memory_percent_of_limit is not None
    assert 0 < stats.memory_percent_of_limit < 50
    assert stats.sample.pids.current == 1


async def test_interfaces_are_those_of_the_containers_namespace(place: Place) -> None:
    script = "ip link set lo up; ping -i 0.05 -s 1000 127.0.0.1 >/dev/null"
    name = place.bundle("net", f"busybox sh -c '{script}'")
    capabilities = ["CAP_NET_ADMIN", "CAP_NET_RAW"]
    config = place.bundles / name / "config.json"
    document = json.loads(config.read_text())
    kinds = ("bounding", "effective", "permitted")
    document["process"]["capabilities"] = dict.fromkeys(kinds, capabilities)
    config.write_text(json.dumps(document))
    async with place.open() as engine:
        await run(engine, name, "x")
    stats = await measured(place, "x")
    [loopback] = stats.interfaces
    assert loopback.name == "lo"
    assert loopback.rx_bytes == loopback.tx_bytes > 0
    assert loopback.rx_bytes_per_s is not None
    assert 5_000 < loopback.rx_bytes_per_s < 100_000


async def test_a_container_in_our_network_has_no_interfaces_of_its_own(place: Place) -> None:
    from tuicontainer.spec.default import default_document

    linux = default_document()["linux"]
    linux["namespaces"] = [kind for kind in linux["namespaces"] if kind["type"] != "network"]
    async with place.open() as engine:
        await run(engine, place.bundle("host", linux=linux), "x")
    assert (await measured(place, "x", 1)).interfaces == ()


async def test_a_restarted_container_has_no_rate_from_its_last_life(place: Place) -> None:
    async with place.open() as engine, opened(engine.stats(0.2)) as stream:
        container = await run(engine, place.bundle("steady"), "x")
        await until(stream, lambda tick: "x" in tick.containers)
        await container.restart(20)
        first = await until(
            stream, lambda tick: "x" in tick.containers and tick.containers["x"].instance == 2
        )
        assert first.containers["x"].cpu_percent_of_core is None
        later = await until(stream, lambda _: True)
        assert later.containers["x"].cpu_percent_of_core is not None


async def test_the_stream_pins_nothing_of_a_container_that_ended(place: Place) -> None:
    """No control group and no namespace may live on because we look at it."""
    async with place.open() as engine, opened(engine.stats(0.2)) as stream:
        container = await run(engine, place.bundle("steady"), "x")
        view = await container.view()
        namespace = os.stat(f"/proc/{view.pid}/ns/net").st_ino
        await until(stream, lambda tick: "x" in tick.containers)
        await container.delete(force=True)
        for _ in range(2):
            await until(stream, lambda tick: "x" not in tick.containers)
        await asyncio.sleep(0.1)
        assert not [path for path in open_files() if "/c/x/" in path or f"[{namespace}]" in path]
