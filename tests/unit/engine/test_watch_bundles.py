"""Bundle roots are watched, what is below a bundle isn't."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import cast

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.watch_bundles import watch_bundles


def lister(*roots: Path):
    """List folders as bundles, their configuration as the description."""

    def read() -> Sequence[BundleView]:
        return [
            BundleView(
                name=path.name,
                path=str(path),
                description=config.read_text() if (config := path / "config.json").exists() else "",
            )
            for root in roots
            if root.is_dir()
            for path in sorted(root.iterdir())
        ]

    return read


@contextlib.asynccontextmanager
async def watching(*roots: Path):
    stream = cast(
        "AsyncGenerator[Sequence[BundleView], None]",
        watch_bundles([str(root) for root in roots], lister(*roots)),
    )
    async with contextlib.aclosing(stream) as views:
        yield views


async def names(views: AsyncGenerator[Sequence[BundleView], None]) -> list[str]:
    async with asyncio.timeout(5):
        return [view.name for view in await anext(views)]


async def test_bundles_appear_and_vanish(tmp_path: Path) -> None:
    async with watching(tmp_path) as views:
        assert await names(views) == []
        (tmp_path / "a").mkdir()
        assert await names(views) == ["a"]
        (tmp_path / "a").rename(tmp_path / "b")
        assert await names(views) == ["b"]
        (tmp_path / "b").rmdir()
        assert await names(views) == []


async def test_a_change_of_the_configuration_is_seen_also_in_a_new_bundle(tmp_path: Path) -> None:
    async with watching(tmp_path) as views:
        await names(views)
        (tmp_path / "a").mkdir()
        await names(views)
        (tmp_path / "a" / "config.json").write_text("one")
        async with asyncio.timeout(5):
            assert (await anext(views))[0].description == "one"
        (tmp_path / "a" / "new").write_text("two")
        (tmp_path / "a" / "new").rename(tmp_path / "a" / "config.json")
        async with asyncio.timeout(5):
            assert (await anext(views))[0].description == "two"


async def test_a_root_may_be_made_later_and_go_again(tmp_path: Path) -> None:
    root = tmp_path / "not" / "yet"
    async with watching(root) as views:
        assert await names(views) == []
        (root / "a").mkdir(parents=True)
        assert await names(views) == ["a"]
        (root / "a").rmdir()
        root.rmdir()
        assert await names(views) == []
        (root / "b").mkdir(parents=True)
        assert await names(views) == ["b"]


async def test_what_a_container_writes_below_a_bundle_isnt_watched(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "rootfs" / "tmp"
    deep.mkdir(parents=True)
    reads = 0
    inner = lister(tmp_path)

    def read() -> Sequence[BundleView]:
        nonlocal reads
        reads += 1
        return inner()

    stream = cast(
        "AsyncGenerator[Sequence[BundleView], None]", watch_bundles([str(tmp_path)], read)
    )
    async with contextlib.aclosing(stream) as views:
        await names(views)
        waiting = asyncio.ensure_future(anext(views))
        for number in range(5):
            (deep / str(number)).touch()
            await asyncio.sleep(0.1)
        assert reads == 1
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting


async def test_a_file_where_a_root_should_be_is_no_failure(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.write_text("")
    async with watching(root) as views:
        assert await names(views) == []
        root.unlink()
        (root / "a").mkdir(parents=True)
        assert await names(views) == ["a"]
