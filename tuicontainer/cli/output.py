"""The only place that writes to standard output and error.

Standard output carries data only. It is written by descriptor, unbuffered: a line that was
reported is out, and a reader that went away is noticed at once.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuicontainer.errors import TuiContainerError


class OutputClosed(Exception):
    """Whoever read our standard output has gone, as in `tuicontainer logs web | head`.

    Python ignores SIGPIPE, so the write fails; only this kind ends the program quietly, and a
    broken socket elsewhere stays an error.
    """


def write_bytes(data: bytes, descriptor: int = 1) -> None:
    """Write all of *data*.

    Raises:
        OutputClosed: nobody reads any more.
    """
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BrokenPipeError:
            raise OutputClosed from None
        except BlockingIOError:
            _wait_writable(descriptor)


def write(text: str) -> None:
    """Write *text* to standard output; undecodable bytes of file names come out as they were."""
    write_bytes(text.encode("utf-8", "surrogateescape"))


def write_json(document: Any, *, indent: bool = False) -> None:
    """Write one JSON document and a newline; on one line unless *indent*."""
    from tuicontainer.jsontext import dumps

    write(dumps(document, indent=2 if indent else None, ascii_only=False) + "\n")


def report_error(error: TuiContainerError) -> None:
    """Write one line about a failure to standard error, with its hint."""
    hint = f" (hint: {error.hint})" if error.hint else ""
    report(f"{error.message}{hint}")


def report(message: str) -> None:
    """Write one line to standard error; it is no failure if nobody reads it."""
    line = printable(" ".join(message.split()))
    try:
        write_bytes(f"tuicontainer: {line}\n".encode("utf-8", "surrogateescape"), 2)
    except (OutputClosed, OSError):
        return


def printable(text: str) -> str:
    """Return *text* with control characters made visible.

    Bundles and the programs in containers choose these texts; an escape sequence among them would
    be obeyed by the terminal of a person who is root.
    """
    if text.isprintable():
        return text
    return "".join(
        letter
        if letter.isprintable() or "\udc80" <= letter <= "\udcff"
        else "\N{REPLACEMENT CHARACTER}"
        for letter in text
    )


def _wait_writable(descriptor: int) -> None:
    """Wait for room; a terminal that another program made non-blocking has none at times."""
    import select

    waiter = select.poll()
    waiter.register(descriptor, select.POLLOUT)
    waiter.poll()
