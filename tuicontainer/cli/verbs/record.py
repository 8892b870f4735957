"""`record`: what the terminal user interface would see, to a file that it can replay."""

from __future__ import annotations

import os

from tuicontainer.cli.options import Command, Example, Option
from tuicontainer.cli.output import write
from tuicontainer.cli.quantities import parse_interval
from tuicontainer.locations import invoking_ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation
    from tuicontainer.engine.recording_file import RecordingWriter


def record(invocation: Invocation) -> int:
    """Record until `^C` or SIGTERM, or for as long as `--for` says."""
    import asyncio
    import contextlib

    from tuicontainer.engine.recording_file import RecordingWriter

    writer = RecordingWriter(invocation.operands[0], owner=invoking_ids(os.environ))
    if not writer.compressed:
        write("not compressed: this Python has no Zstandard\n")
    try:
        asyncio.run(_record(invocation, writer))
    finally:
        # What went wrong with the file was told when it did.
        with contextlib.suppress(OSError):
            writer.close()
    return 0


async def _record(invocation: Invocation, writer: RecordingWriter) -> None:
    import asyncio
    import contextlib
    import signal

    from tuicontainer.engine.open import open_engine
    from tuicontainer.engine.recording import Recorder

    options = invocation.options
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with (
        open_engine(
            invocation.locations.state_root,
            data_root=invocation.locations.data_root,
            bundles=invocation.bundle_roots,
            read_only=True,
        ) as engine,
        Recorder(engine, writer, logs=options.logs, hide_environment=True) as recorder,
    ):
        ends = [asyncio.create_task(event.wait()) for event in (ended, recorder.failed)]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(getattr(options, "for")):
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in ends:
            task.cancel()
    if recorder.failure is not None:
        raise recorder.failure


COMMAND = Command(
    name="record",
    summary="Record containers, statistics and events for `tuicontainer --replay`",
    run=record,
    operands="FILE",
    least=1,
    most=1,
    options=(
        Option(
            names=("--for",),
            value="SECONDS",
            help="leave after this time (default: at ^C)",
            convert=parse_interval,
        ),
        Option(
            names=("--logs",),
            help="record what containers write, too; their secrets would be among it",
        ),
    ),
    examples=(
        Example(line="tuicontainer record --for 600 trouble.rec", meaning="the next ten minutes"),
        Example(line="tuicontainer --replay trouble.rec", meaning="looks at them"),
    ),
)
