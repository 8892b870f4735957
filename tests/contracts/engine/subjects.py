"""The implementations that the contract of `engine.api` holds for, each with the same bundles.

quick    writes `out` and `err` to its two streams and ends with status 3
steady   runs until it is asked to end
broken   can't be used
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from tests.busybox import STEADY, shell_bundle
from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import Engine
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.engine.fake_container import Program


class Subject:
    """An engine, and a way to change its bundle root."""

    def __init__(
        self,
        engine: Engine,
        add_bundle: Callable[[str], None],
        remove_bundle: Callable[[str], None],
    ) -> None:
        self.engine = engine
        self.add_bundle = add_bundle
        self.remove_bundle = remove_bundle


@contextlib.asynccontextmanager
async def fake_subject(_: Path) -> AsyncIterator[Subject]:
    """An engine in memory."""

    def view(name: str, problem: str = "") -> BundleView:
        return BundleView(name=name, path=f"/bundles/{name}", args=("run", name), problem=problem)

    bundles = [view("broken", "no config.json"), view("quick"), view("steady")]
    programs = {"quick": Program(output=(("stdout", "out"), ("stderr", "err")), ends_with=3)}
    engine = FakeEngine(bundles, programs)

    def add(name: str) -> None:
        bundles.append(view(name))
        engine.set_bundles(bundles)

    def remove(name: str) -> None:
        bundles[:] = [bundle for bundle in bundles if bundle.name != name]
        engine.set_bundles(bundles)

    yield Subject(engine, add, remove)


@contextlib.asynccontextmanager
async def embedded_subject(folder: Path) -> AsyncIterator[Subject]:
    """The real engine on roots of its own."""
    from tuicontainer.engine import open_engine

    bundles = folder / "bundles"
    shell_bundle(bundles / "quick", "echo out; echo err >&2; exit 3")
    shell_bundle(bundles / "steady", STEADY)
    (bundles / "broken" / "rootfs").mkdir(parents=True)
    opened = open_engine(
        str(folder / "state"), data_root=str(folder / "data"), bundles=[str(bundles)]
    )
    async with opened as engine:
        try:
            yield Subject(
                engine,
                lambda name: void(shell_bundle(bundles / name, "true")),
                lambda name: shutil.rmtree(bundles / name),
            )
        finally:
            for view in await engine.containers():
                await (await engine.container(view.id)).delete(force=True)


def void(_: object) -> None:
    """Drop a result."""


SUBJECTS = {"fake": fake_subject, "embedded": embedded_subject}
NEEDS_KERNEL = {"embedded"}
