"""A ground for each test, and proof that nothing is left of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.supervise.ground import Ground, until


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    place = Ground(tmp_path)
    yield place
    place.clear()
    gone = until(lambda: not place.leftovers(), 15)
    left = place.leftovers()
    for pid in place.helpers():
        # By the state root in their command line these are ours; the next test shall not suffer.
        os.kill(pid, signal.SIGKILL)
    assert gone, left
