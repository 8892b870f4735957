"""The engines, each started once for a session and emptied after each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.peers.containerd import Containerd
from tests.peers.docker import Docker
from tests.peers.podman import Podman
from tests.peers.runtime import runtime_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.peers.engine import Engine
    from tests.screen import Screen


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Path of the runtime under test."""
    return runtime_path(tmp_path_factory.mktemp("runtime") / "bin")


@pytest.fixture(scope="session")
def docker_daemon(tmp_path_factory: pytest.TempPathFactory, runtime: str) -> Iterator[Docker]:
    engine = Docker(tmp_path_factory.mktemp("docker"), runtime)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def podman_place(tmp_path_factory: pytest.TempPathFactory, runtime: str) -> Iterator[Podman]:
    engine = Podman(tmp_path_factory.mktemp("podman"), runtime)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def containerd_daemon(
    tmp_path_factory: pytest.TempPathFactory, runtime: str
) -> Iterator[Containerd]:
    engine = Containerd(tmp_path_factory.mktemp("containerd"), runtime)
    yield engine
    engine.close()


@pytest.fixture
def containerd(containerd_daemon: Containerd) -> Iterator[Containerd]:
    yield containerd_daemon
    containerd_daemon.clear()


@pytest.fixture
def docker(docker_daemon: Docker) -> Iterator[Docker]:
    yield docker_daemon
    docker_daemon.clear()


@pytest.fixture
def podman(podman_place: Podman) -> Iterator[Podman]:
    yield podman_place
    podman_place.clear()


@pytest.fixture(params=["podman", "docker"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each of the engines that share a command line."""
    chosen: Engine = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def screens() -> Iterator[list[Screen]]:
    """Terminals to close after the test."""
    opened: list[Screen] = []
    yield opened
    for screen in opened:
        screen.close()
