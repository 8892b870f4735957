"""The subject of each test of the engine's contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.engine.subjects import NEEDS_KERNEL, SUBJECTS, Subject


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.kernel] if name in NEEDS_KERNEL else [])
        for name in SUBJECTS
    ]
)
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    async with SUBJECTS[request.param](tmp_path) as opened:
        yield opened
