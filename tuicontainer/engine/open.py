"""The way in: `async with open_engine() as engine`."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import AsyncIterator, Sequence

from tuicontainer.engine.embedded import EmbeddedEngine
from tuicontainer.locations import default_locations
from tuicontainer.settings import bundle_roots, load_settings


@contextlib.asynccontextmanager
async def open_engine(
    root: str | None = None,
    *,
    data_root: str | None = None,
    bundles: Sequence[str] | None = None,
    read_only: bool = False,
) -> AsyncIterator[EmbeddedEngine]:
    """Open the engine on a state root; what was made there before, by any door, is there again.

        async with tuicontainer.open_engine() as engine:
            container = await engine.create("hello", CreateOptions(container_id="greeting"))
            await container.start()
            status = await container.wait()

    Closing it ends no container. The process's soft limit of open files is raised to its hard
    one, because the statistics of a container keep some twenty files open.

    Args:
        root: state root; the environment's, the settings' or `/run/tuicontainer` when None.
        data_root: where records and logs are; likewise.
        bundles: folders in which bundles are found by name; likewise.
        read_only: refuse everything that would change something.

    Raises:
        InvalidArgument, PermissionDenied: the settings files can't be used.
    """
    settings = load_settings()
    locations = default_locations(
        root=root or settings.root, data_root=data_root or settings.data_root
    )
    roots = tuple(bundles) if bundles is not None else bundle_roots(settings, locations)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    engine = EmbeddedEngine(locations, roots, read_only=read_only or settings.read_only)
    try:
        yield engine
    finally:
        await engine.close()
