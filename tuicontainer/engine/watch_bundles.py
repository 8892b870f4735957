"""All bundles, again and again as folders come, go and change.

Only the bundle roots and the bundle folders themselves are watched, never what is below: a root
filesystem has thousands of folders, and inotify's watches are limited per user.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Sequence

from tuicontainer.bundles.views import BundleView

SETTLE_MS = 300
"""How long a burst of changes is collected at most, such as a bundle being copied."""
STEP_MS = 100
"""A burst has ended when nothing came for this long."""


async def watch_bundles(
    roots: Sequence[str], read: Callable[[], Sequence[BundleView]]
) -> AsyncIterator[Sequence[BundleView]]:
    """Yield what *read* returns, now and whenever it differs after a change below *roots*.

    Args:
        roots: the folders that are watched; one that doesn't exist yet is noticed when it is made.
        read: lists the bundles; may block, and is called in a thread.
    """
    seen: Sequence[BundleView] | None = None
    while True:
        folders = await asyncio.to_thread(_folders, roots)
        async with _watching(folders) as change:
            bundles = await asyncio.to_thread(read)
            if bundles != seen:
                seen = bundles
                yield bundles
            if await asyncio.to_thread(_folders, roots) == folders:
                await change


@contextlib.asynccontextmanager
async def _watching(folders: Sequence[str]) -> AsyncIterator[asyncio.Future[object]]:
    """Give a future that is done when something directly inside one of *folders* changes."""
    # 30 ms and a thread pool of its own, which nobody pays for who doesn't watch bundles.
    from watchfiles import awatch

    watcher = awatch(
        *folders,
        watch_filter=None,
        debounce=SETTLE_MS,
        step=STEP_MS,
        recursive=False,
        ignore_permission_denied=True,
    )
    change: asyncio.Future[object] = asyncio.ensure_future(anext(watcher))
    try:
        # The generator's first step puts the watches in place; what is read after it and changes
        # later can't be missed.
        await asyncio.sleep(0)
        yield change
    finally:
        change.cancel()
        with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
            await change
        await watcher.aclose()


def _folders(roots: Sequence[str]) -> list[str]:
    """Return the roots, or their nearest existing ancestors, and the folders in them."""
    found: dict[str, None] = {}
    for root in roots:
        place = root
        while not os.path.isdir(place):
            place = os.path.dirname(place)
        found[place] = None
        if place == root:
            with contextlib.suppress(OSError), os.scandir(root) as entries:
                found |= dict.fromkeys(entry.path for entry in entries if entry.is_dir())
    return list(found)
