"""A state root, a data root and bundles, on which several engines can be opened."""

from __future__ import annotations

import contextlib
import os
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from tests.busybox import STEADY, shell_bundle
from tuicontainer.engine import open_engine
from tuicontainer.engine.api import CreateOptions
from tuicontainer.engine.embedded import EmbeddedEngine
from tuicontainer.engine.embedded_container import EmbeddedContainer


class Place:
    """Where engines of one test meet."""

    def __init__(self, folder: Path) -> None:
        self.root = str(folder / "state")
        self.data_root = str(folder / "data")
        self.bundles = folder / "bundles"
        self.bundles.mkdir()

    def open(self, *, read_only: bool = False) -> AbstractAsyncContextManager[EmbeddedEngine]:
        """Return an engine, not yet entered."""
        return open_engine(
            self.root,
            data_root=self.data_root,
            bundles=[str(self.bundles)],
            read_only=read_only,
        )

    def bundle(self, name: str, script: str = STEADY, **changes: Any) -> str:
        """Make a bundle and return its name."""
        shell_bundle(self.bundles / name, script, **changes)
        return name

    async def clear(self) -> None:
        """Remove every container."""
        async with self.open() as engine:
            for view in await engine.containers():
                await (await engine.container(view.id)).delete(force=True)


def open_files() -> set[str]:
    """Return what our descriptors are."""
    found = set()
    for fd in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(f"/proc/self/fd/{fd}"))
    return found


async def run(
    engine: EmbeddedEngine, bundle: str, container_id: str, **options: Any
) -> EmbeddedContainer:
    """Make a container and start it."""
    container = await engine.create(bundle, CreateOptions(container_id=container_id, **options))
    await container.start()
    return container
