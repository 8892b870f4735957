"""The event loop, jobs, and conversations without anybody at the other end."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from tuicontainer.errors import NotFound, Unavailable
from tuicontainer.supervise.child_operation import Outcome, in_child
from tuicontainer.supervise.converse import converse
from tuicontainer.supervise.forking import close_all_but
from tuicontainer.supervise.jobs import Jobs
from tuicontainer.supervise.loop import Loop
from tuicontainer.supervise.talk import Pause, Readable, Writable

if TYPE_CHECKING:
    from tuicontainer.supervise.jobs import Job, Resume
    from tuicontainer.supervise.talk import Talk


def test_readers_writers_and_timers() -> None:
    loop = Loop()
    reader, writer = os.pipe()
    happened: list[object] = []

    def read() -> None:
        happened.append(os.read(reader, 10))
        loop.forget(reader)

    def write() -> None:
        os.write(writer, b"x")
        happened.append("written")
        loop.on_writable(writer, None)

    loop.on_readable(reader, read)
    loop.on_writable(writer, write)
    loop.call_later(0.05, lambda: happened.append("late"))
    loop.call_later(0.02, lambda: happened.append("early"))
    loop.call_later(0.03, lambda: happened.append("never")).cancel()
    loop.call_later(0.08, loop.stop)
    loop.run()
    os.close(reader)
    os.close(writer)
    assert happened == ["written", b"x", "early", "late"]


def test_a_handler_may_forget_another() -> None:
    loop = Loop()
    pipes = [os.pipe() for _ in range(2)]
    happened: list[int] = []

    def handler(which: int) -> None:
        happened.append(which)
        for reader, _ in pipes:
            loop.forget(reader)
        loop.stop()

    for which, (reader, writer) in enumerate(pipes):
        os.write(writer, b"x")
        loop.on_readable(reader, lambda which=which: handler(which))  # type: ignore[misc]
    loop.run()
    assert len(happened) == 1
    for pair in pipes:
        for fd in pair:
            os.close(fd)


def test_jobs_run_in_order_and_wait() -> None:
    happened: list[str] = []
    resumes: list[Resume] = []
    jobs = Jobs(lambda: happened.append("idle"))

    def job(name: str) -> Job:
        happened.append(f"{name} begins")
        try:
            value = yield resumes.append
        except NotFound as error:
            value = f"failed: {error}"
        happened.append(f"{name} got {value}")

    jobs.add(job("one"))
    jobs.add(job("two"))
    assert not jobs.idle
    resumes.pop()("first")
    resumes.pop()(NotFound("gone"))
    assert jobs.idle
    assert happened == [
        "one begins", "one got first", "two begins", "two got failed: gone", "idle",
    ]  # fmt: skip


def test_jobs_that_never_wait_run_at_once() -> None:
    jobs = Jobs(lambda: None)
    done: list[int] = []

    def job(number: int) -> Job:
        got = yield lambda resume: resume(number)
        done.append(got)

    for number in range(3):
        jobs.add(job(number))
    assert done == [0, 1, 2]


def outcome_of(operation: Any) -> Any:
    """Run one operation in a child, on a loop of its own."""
    loop = Loop()
    found: list[Any] = []

    def resume(value: Any) -> None:
        found.append(value)
        loop.stop()

    in_child(loop, operation, while_="trying", adopting=True)(resume)
    loop.run()
    return found[0]


def test_a_child_brings_back_results_and_descriptors() -> None:
    def operation() -> Outcome:
        reader, writer = os.pipe()
        os.write(writer, b"from the child")
        return Outcome(result={"a": ["x"] * 50000}, descriptors=(reader,))

    outcome = outcome_of(operation)
    assert outcome.result == {"a": ["x"] * 50000}
    (reader,) = outcome.descriptors
    assert os.read(reader, 20) == b"from the child"
    os.close(reader)


def test_a_child_brings_back_failures() -> None:
    def kinds() -> None:
        raise NotFound("no `x`", hint="look", errno=2)

    def bug() -> None:
        raise ZeroDivisionError("oops")

    def death() -> None:
        os.kill(os.getpid(), 9)

    failure = outcome_of(kinds)
    assert isinstance(failure, NotFound)
    assert (failure.message, failure.hint, failure.errno) == ("no `x`", "look", 2)
    assert str(outcome_of(bug)) == "trying: ZeroDivisionError: oops"
    assert isinstance(outcome_of(death), Unavailable)


def test_what_a_child_makes_becomes_ours() -> None:
    def operation() -> Outcome:
        grandchild = os.fork()
        if grandchild == 0:
            time.sleep(0.1)
            os._exit(7)
        return Outcome(result={"pid": grandchild})

    _, status = os.waitpid(outcome_of(operation).result["pid"], 0)
    assert os.waitstatus_to_exitcode(status) == 7


def test_closing_all_but_a_few() -> None:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(9)]
            close_all_but((fds[2], fds[7], fds[2], 1))
            left = {int(name) for name in os.listdir("/proc/self/fd")}
            # The listing itself has one open.
            status = len(left - {0, 1, 2, fds[2], fds[7]}) - 1
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_conversations_wait_for_what_they_say() -> None:
    reader, writer = os.pipe()

    def talk() -> Talk[list[bool]]:
        return [
            (yield Readable(fd=reader, seconds=0.01)),
            (yield Writable(fd=writer)),
            (yield Pause(seconds=0.01)),
        ]

    assert converse(talk()) == [False, True, True]
    os.close(reader)
    os.close(writer)


def test_a_conversation_that_fails_is_closed() -> None:
    closed = []

    def talk() -> Talk[None]:
        try:
            yield Pause(seconds=0)
            raise NotFound("x")
        finally:
            closed.append(True)

    with pytest.raises(NotFound):
        converse(talk())
    assert closed == [True]
