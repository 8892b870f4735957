"""Instances of shipped bundles, and proof that nothing is left of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kernel.bundles.hosts import busybox_host, store_host
from tests.kernel.bundles.instance import BundleInstance
from tuicontainer.bundles.assemble import assemble
from tuicontainer.bundles.making import new_bundle
from tuicontainer.locations import Locations, shipped_dir
from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
from tuicontainer.runtime.cgroups.open import open_cgroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOSTS: dict[str, Callable[[Path], str]] = {
    "this host": lambda _: "/",
    "busybox host": busybox_host,
    "store host": store_host,
}


class Launcher:
    """Makes instances of shipped bundles with the programs of one host."""

    def __init__(self, folder: Path, host: str) -> None:
        self.locations = Locations(state_root=str(folder / "s"), data_root=str(folder / "d"))
        self.host = host
        self.cgroup_parent = f"/tuicontainer-test-{os.getpid()}"
        self.instances: list[BundleInstance] = []

    def __call__(self, name: str) -> BundleInstance:
        bundle = assemble(
            os.path.join(shipped_dir("bundles"), name), self.locations, host=self.host
        )
        return self.begin(bundle, name)

    def made(self, template: str) -> BundleInstance:
        """Make an instance of a new bundle from a template."""
        root = os.path.join(self.locations.data_root, "bundles")
        return self.begin(new_bundle(template, template, root, host=self.host), template)

    def begin(self, bundle: str, name: str) -> BundleInstance:
        """Make an instance of the bundle in a folder."""
        container_id = f"{name}-{len(self.instances) + 1}"
        instance = BundleInstance(
            self.locations.state_root, container_id, bundle, self.cgroup_parent
        )
        self.instances.append(instance)
        return instance

    def close(self) -> None:
        """Take everything away."""
        for instance in self.instances:
            instance.close()
        open_cgroup(self.cgroup_parent).remove()


@pytest.fixture(params=HOSTS)
def launch(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Launcher]:
    if read_hierarchies().mode == "none":
        pytest.skip("needs control groups")
    host = HOSTS[request.param](tmp_path / "host")
    launcher = Launcher(tmp_path, host)
    yield launcher
    launcher.close()
    # Compiled filters are kept for the next container.
    assert set(os.listdir(launcher.locations.state_root)) <= {"~seccomp"}
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()
