"""`run` and `attach` in the foreground: the command stands in for the container's program."""

from __future__ import annotations

import contextlib
import signal

from tuicontainer.cli.detach_keys import Detached
from tuicontainer.cli.output import report
from tuicontainer.cli.program import exit_status
from tuicontainer.cli.relay import Signals, relay_attachment
from tuicontainer.cli.terminal import RawMode, is_terminal
from tuicontainer.errors import FailedPrecondition, NotFound, Unavailable
from tuicontainer.supervise.attachment import Ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.supervise.attachment import Attachment
    from tuicontainer.supervise.client import Client
    from tuicontainer.supervise.views import ContainerView, ExitRecord

INTERRUPTS_TO_LEAVE = 3
INTERRUPTED = 130
"""128 + SIGINT."""


class _Left(Exception):
    """The person wants out by a signal; the container goes on."""


def stand_in(
    client: Client,
    view: ContainerView,
    attachment: Attachment,
    *,
    with_input: bool,
    detach_keys: bytes,
    pass_signals: bool = True,
) -> int:
    """Relay streams and signals until the end; return our exit status.

    Args:
        client: of the container's state root.
        view: the container.
        attachment: to it; closed at the end.
        with_input: pass our standard input on.
        detach_keys: what leaves the container's terminal; empty for nothing.
        pass_signals: send the program the signals that we get; without it any of them leaves.
    """
    with Signals() as signals:
        try:
            ended = _relay_to_end(
                client,
                view,
                attachment,
                with_input=with_input,
                signals=signals,
                detach_keys=detach_keys,
                pass_signals=pass_signals,
            )
        except Detached:
            report(f"left `{view.id}`, which goes on")
            return 0
        except _Left:
            report(f"`{view.id}` goes on (hint: `tuicontainer stop {view.id}` ends it)")
            return INTERRUPTED
    return exit_status(ended.status, view.id)


def _relay_to_end(
    client: Client,
    view: ContainerView,
    attachment: Attachment,
    *,
    with_input: bool,
    signals: Signals,
    detach_keys: bytes,
    pass_signals: bool,
) -> ExitRecord:
    """Relay past the death of a monitor."""
    interrupts = 0

    def forward(number: int) -> None:
        nonlocal interrupts
        interrupts += number == signal.SIGINT
        if not pass_signals or interrupts >= INTERRUPTS_TO_LEAVE:
            raise _Left
        with contextlib.suppress(FailedPrecondition, NotFound):
            client.kill(view.id, number)

    raw = with_input and view.terminal and is_terminal(0)
    while True:
        try:
            with attachment, RawMode(0) if raw else contextlib.nullcontext():
                last = relay_attachment(
                    attachment,
                    with_input=with_input,
                    signals=signals,
                    forward=forward,
                    detach_keys=detach_keys if raw else b"",
                )
            if isinstance(last, Ended):
                return last.exit
            report(f"output of `{view.id}` was lost: {last.reason} (hint: see `logs`)")
        except Unavailable:
            # Its monitor was killed. The spawner gives the container another one.
            pass
        try:
            attachment = client.attach(view.id, stdin=with_input)
        except (FailedPrecondition, NotFound):
            return client.wait(view.id)
