"""The world each test of the contract runs in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.cgroups.worlds import WORLDS, World, open_world


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    opened = open_world(request.param)
    yield opened
    opened.close()
