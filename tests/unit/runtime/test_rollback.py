"""Taking back: backwards, all of it, and telling what went wrong meanwhile."""

from __future__ import annotations

from tuicontainer.errors import FailedPrecondition, Internal, NotFound, SyscallError
from tuicontainer.runtime.rollback import Rollback
from tuicontainer.runtime.timeline import Timeline


def test_backwards_and_once() -> None:
    rollback, done = Rollback(), []
    for name in ("a", "b", "c"):
        rollback.add(name, lambda name=name: done.append(name))
    error = NotFound("x", hint="y")
    assert rollback.run(error, while_="trying") is error
    assert rollback.run(error, while_="trying") is error
    assert done == ["c", "b", "a"]


def test_every_removal_is_tried_and_both_errors_are_told() -> None:
    rollback, done = Rollback(), []

    def fail() -> None:
        raise FailedPrecondition("busy")

    rollback.add("removing the folder", lambda: done.append("folder"))
    rollback.add("removing the control group", fail)
    failure = rollback.run(NotFound("no program", hint="look", errno=2), while_="trying")
    assert done == ["folder"]
    assert isinstance(failure, NotFound)
    assert str(failure) == (
        "no program; and taking it back failed: removing the control group: busy"
    )
    assert (failure.hint, failure.errno) == ("look", 2)


def test_errors_of_other_kinds_are_described() -> None:
    failure = Rollback().run(SyscallError("clone3", 2), while_="creating container `c`")
    assert str(failure) == "creating container `c`: clone3: no such file or directory"
    assert isinstance(Rollback().run(KeyError("x"), while_="creating"), Internal)


def test_a_timeline_of_two_processes() -> None:
    timeline = Timeline()
    begin = timeline.marks[0][1]
    timeline.marks += [("clone", begin + 1_000_000), ("end", begin + 9_000_000)]
    timeline.merge([("init", begin + 5_000_000)])
    assert timeline.durations() == [("clone", 1.0), ("init", 4.0), ("end", 4.0)]
