"""`stats`: what containers use, again and again."""

from __future__ import annotations

from tuicontainer.cli.options import FORMAT, Command, Example, Option
from tuicontainer.cli.output import write, write_json
from tuicontainer.cli.quantities import parse_interval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation

CLEAR = "\x1b[H\x1b[J"
"""Cursor home, clear to the end of the screen (ECMA-48)."""


def stats(invocation: Invocation) -> int:
    """Print one tick an interval until `^C`, or one whole one with `--no-stream`."""
    import asyncio

    return asyncio.run(_stream(invocation))


async def _stream(invocation: Invocation) -> int:
    import contextlib

    from tuicontainer.cli.stats_rows import HEADINGS, stats_cells, tick_object
    from tuicontainer.cli.tables import render, terminal_width
    from tuicontainer.engine.open import open_engine

    settings, options = invocation.settings, invocation.options
    async with open_engine(
        invocation.locations.state_root,
        data_root=invocation.locations.data_root,
        bundles=invocation.bundle_roots,
        read_only=settings.read_only,
    ) as engine:
        wanted = {(await engine.container(word)).id for word in invocation.operands}
        whole = not options.no_stream
        async with contextlib.aclosing(engine.stats(options.interval)) as ticks:
            async for tick in ticks:
                shown = [
                    entry for entry in tick.containers.values() if not wanted or entry.id in wanted
                ]
                if not whole:
                    # One reading has no rates yet; the second has them all.
                    whole = True
                    continue
                if invocation.json:
                    write_json(tick_object(tick, shown))
                else:
                    width = terminal_width()
                    table = render(HEADINGS, [stats_cells(entry) for entry in shown], width=width)
                    write((CLEAR if width is not None and not options.no_stream else "") + table)
                if options.no_stream:
                    return 0
    return 0


COMMAND = Command(
    name="stats",
    summary="Print what containers use, once a second",
    run=stats,
    operands="[ID…]",
    options=(
        Option(names=("--no-stream",), help="print once and leave"),
        Option(
            names=("--interval",),
            value="SECONDS",
            help="time between two readings (default 1)",
            convert=parse_interval,
            default=1.0,
        ),
        FORMAT,
    ),
    examples=(
        Example(line="tuicontainer stats --format json", meaning="one JSON object a second"),
        Example(line="tuicontainer stats --no-stream web-1", meaning="one table"),
    ),
    complete="container",
    states=("running", "paused"),
)
