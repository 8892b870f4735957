"""New bundles run as they are, with the programs of hosts of different kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kernel.bundles.conftest import Launcher

pytestmark = pytest.mark.kernel


def test_the_minimal_ends(launch: Launcher) -> None:
    minimal = launch.made("minimal")
    assert minimal.wait() == 0
    assert minimal.output["stdout"] == "hello\n"


@pytest.mark.parametrize("template", ["service", "hardened"])
def test_a_service_goes_on(template: str, launch: Launcher) -> None:
    service = launch.made(template)
    service.until(lambda: ":" in service.output["stdout"])
    assert service.output["stderr"] == ""
