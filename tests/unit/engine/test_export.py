"""A history as CSV and as JSON: both say the same, and other programs can read it."""

from __future__ import annotations

import csv
import json

from tests.unit.engine.test_past import START, tick
from tuicontainer.engine.export import COLUMNS, csv_lines, json_lines
from tuicontainer.engine.statistics import InterfaceStats
from tuicontainer.runtime.cgroups.sample import PressureSample

SECOND = 1_000_000_000


def history(count: int = 3) -> list[tuple[int, object]]:
    made = []
    for second in range(count):
        at = START + second * SECOND + 250_000_000
        stats = tick(at, "a").containers["a"]
        interfaces = tuple(
            InterfaceStats(name=name, rx_bytes=0, tx_bytes=0, rx_packets=0, tx_packets=0,
                           rx_bytes_per_s=rate)
            for name, rate in (("lo", 1000.0), ("eth0", 10.0), ("eth1", 5.5), ("eth2", None))
        )  # fmt: skip
        pressure = PressureSample(some_avg10=2.5, some_avg60=0, some_avg300=0, some_total_us=0)
        sample = stats.sample.replace(pressure={"cpu": pressure})
        made.append(
            (at, stats.replace(cpu_percent_of_core=100 / 3, interfaces=interfaces, sample=sample))
        )
    return made


def test_csv_has_a_heading_and_a_row_for_each_time() -> None:
    rows = list(csv.DictReader(csv_lines(history())))
    assert len(rows) == 3
    assert list(rows[0]) == ["time", *COLUMNS]
    assert rows[1]["time"] == "2026-05-28T20:26:41.250Z"
    assert float(rows[0]["cpu_percent_of_core"]) == 33.333
    assert float(rows[0]["rx_bytes_per_s"]) == 15.5, "of all interfaces but loopback"
    assert float(rows[0]["pressure_cpu_some_percent"]) == 2.5
    assert rows[0]["tx_bytes_per_s"] == rows[0]["throttled_percent"] == "", "not measured"


def test_json_says_the_same() -> None:
    made = history()
    document = json.loads("\n".join(json_lines("a", made)))
    assert document["container"] == "a"
    for row, sample in zip(csv.DictReader(csv_lines(made)), document["samples"], strict=True):
        told = {name: "" if value is None else str(value) for name, value in sample.items()}
        assert told == row


def test_no_history_is_an_empty_table() -> None:
    assert json.loads("\n".join(json_lines("a", []))) == {"container": "a", "samples": []}
    assert len(list(csv_lines([]))) == 1
