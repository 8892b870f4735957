"""The list of containers is read again when there are traces of change, and when it is old."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tuicontainer.engine import container_list
from tuicontainer.engine.container_list import ContainerList
from tuicontainer.locations import Locations
from tuicontainer.supervise.journal import append_event
from tuicontainer.supervise.views import ContainerView


class Reads:
    """Counts how often the folders are really read."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _: Locations) -> list[ContainerView]:
        self.count += 1
        return []


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    counter = Reads()
    monkeypatch.setattr(container_list, "list_containers", counter)
    monkeypatch.setattr(container_list, "MAX_AGE", 3600.0)
    return counter


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(state_root=str(tmp_path / "state"), data_root=str(tmp_path / "data"))


def test_nothing_new_is_not_read_again(reads: Reads, locations: Locations) -> None:
    containers = ContainerList(locations)
    for _ in range(3):
        assert containers.current() == ()
    assert reads.count == 1
    containers.refresh()
    assert reads.count == 2


def test_a_new_folder_a_new_record_or_an_event_is_a_trace(
    reads: Reads, locations: Locations
) -> None:
    containers = ContainerList(locations)
    containers.current()
    for expected, change in enumerate(
        (
            lambda: os.makedirs(locations.container_state_dir("a")),
            lambda: os.makedirs(locations.container_data_dir("a")),
            lambda: append_event(locations, "created", "a"),
            lambda: append_event(locations, "started", "a"),
            lambda: os.rmdir(locations.container_state_dir("a")),
        ),
        2,
    ):
        change()
        containers.current()
        assert reads.count == expected


def test_what_leaves_no_trace_is_seen_when_the_list_is_old(
    reads: Reads, locations: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    containers = ContainerList(locations)
    containers.current()
    monkeypatch.setattr(container_list, "MAX_AGE", 0.0)
    containers.current()
    assert reads.count == 2
