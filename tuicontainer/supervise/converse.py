"""Holds a conversation (see `talk`) in the caller's thread, with poll(2)."""

from __future__ import annotations

import select
import time

from tuicontainer.supervise.talk import Pause, Readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from tuicontainer.supervise.talk import Step, Talk

    T = TypeVar("T")


def converse(talk: Talk[T]) -> T:
    """Return the talk's result, blocking as long as it takes."""
    try:
        step = next(talk)
        while True:
            step = talk.send(_wait(step))
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        talk.close()


def _wait(step: Step) -> bool:
    if isinstance(step, Pause):
        time.sleep(step.seconds)
        return True
    poll = select.poll()
    poll.register(step.fd, select.POLLIN if isinstance(step, Readable) else select.POLLOUT)
    return bool(poll.poll(None if step.seconds is None else step.seconds * 1000))
