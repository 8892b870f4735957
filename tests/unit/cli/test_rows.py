"""Containers and statistics as rows."""

from __future__ import annotations

import json

import pytest

from tests.schemas import check
from tuicontainer.cli.making import environment
from tuicontainer.cli.rows import HEADINGS, container_cells, container_row
from tuicontainer.cli.stats_rows import HEADINGS as STATS_HEADINGS
from tuicontainer.cli.stats_rows import stats_cells, tick_object
from tuicontainer.engine.statistics import ContainerStats, HostStats, InterfaceStats, StatsTick
from tuicontainer.runtime.cgroups.sample import (
    CgroupSample,
    CpuSample,
    IoDeviceSample,
    MemorySample,
    PidsSample,
    PressureSample,
)
from tuicontainer.supervise.views import ContainerView, ExitRecord

VIEW = ContainerView(
    id="web-1",
    status="running",
    pid=42,
    bundle="/srv/web",
    rootfs="/srv/web/rootfs",
    created_ns=1_700_000_000_000_000_000,
    args=("httpd", "-f"),
    owner="root",
    oci_version="1.3.0",
    annotations={"a": "b"},
)

RUNC_LIST_KEYS = {
    "ociVersion", "id", "pid", "status", "bundle", "rootfs", "created", "annotations", "owner",
}  # fmt: skip


def test_a_row_has_the_keys_of_runc_list() -> None:
    row = container_row(VIEW)
    assert row.keys() >= RUNC_LIST_KEYS
    assert row["created"] == "2023-11-14T22:13:20.000000000Z"
    assert row["pid"] == 42
    check("ps", [row])


@pytest.mark.parametrize(
    ("view", "exit_cell"),
    [
        (VIEW, "-"),
        (VIEW.replace(exit=ExitRecord(status=1, finished_ns=1)), "-"),
        (VIEW.replace(status="stopped", exit=ExitRecord(status=0, finished_ns=1)), "0"),
        (
            VIEW.replace(
                status="stopped", exit=ExitRecord(status=137, finished_ns=1, oom_killed=True)
            ),
            "137 oom",
        ),
        (
            VIEW.replace(
                status="stopped", exit=ExitRecord(status=None, finished_ns=None, reason="reboot")
            ),
            "unknown reboot",
        ),
        (
            VIEW.replace(
                status="stopped", exit=ExitRecord(status=127, finished_ns=1, reason="failed")
            ),
            "127 failed",
        ),
    ],
)
def test_the_exit_column_tells_how_a_stopped_container_ended(
    view: ContainerView, exit_cell: str
) -> None:
    cells = dict(zip(HEADINGS, container_cells(view, VIEW.created_ns + 90 * 10**9), strict=True))
    assert cells["EXIT"] == exit_cell
    assert (cells["AGE"], cells["BUNDLE"], cells["COMMAND"]) == ("1m", "web", "httpd -f")


STATS = ContainerStats(
    id="web-1",
    instance=1,
    sample=CgroupSample(
        monotonic_ns=5,
        cpu=CpuSample(usage_ns=7),
        memory=MemorySample(usage=3 << 20),
        pids=PidsSample(current=2),
        io=(IoDeviceSample(major=8, minor=0, read_bytes=1),),
        pressure={
            "cpu": PressureSample(some_avg10=1.0, some_avg60=0, some_avg300=0, some_total_us=9)
        },
    ),
    cpu_percent_of_core=12.34,
    interfaces=(
        InterfaceStats(
            name="lo", rx_bytes=9, tx_bytes=9, rx_packets=1, tx_packets=1, rx_bytes_per_s=900.0
        ),
        InterfaceStats(
            name="eth0", rx_bytes=9, tx_bytes=9, rx_packets=1, tx_packets=1, rx_bytes_per_s=100.0
        ),
    ),
)


def test_a_tick_is_one_json_object() -> None:
    host = HostStats(cpu_count=2, cpu_percent=1.0, memory_total=1, memory_available=1, load_1=0.1)
    tick = StatsTick(time_ns=1, host=host, containers={"web-1": STATS})
    document = json.loads(json.dumps(tick_object(tick, tick.containers.values())))
    check("stats", document)
    [entry] = document["containers"]
    assert entry["id"] == "web-1"
    assert entry["cpu_percent_of_core"] == 12.34
    assert entry["cpu"]["usage_ns"] == 7
    assert entry["memory"]["usage"] == 3 << 20
    assert entry["io"][0]["read_bytes"] == 1
    assert entry["pressure"]["cpu"]["some_total_us"] == 9
    assert [interface["name"] for interface in entry["interfaces"]] == ["lo", "eth0"]
    assert document["host"]["cpu_count"] == 2


def test_loopback_traffic_isnt_counted_and_unknown_is_a_dash() -> None:
    cells = dict(zip(STATS_HEADINGS, stats_cells(STATS), strict=True))
    assert cells["RX/S"] == "100B"
    assert cells["TX/S"] == "-"
    assert cells["LIMIT"] == "-"
    assert cells["CPU"] == "12.3%"


def test_variables_without_a_value_take_ours() -> None:
    assert environment(["A=1", "HOME", "NOT_SET"], {"HOME": "/root"}) == ("A=1", "HOME=/root")
