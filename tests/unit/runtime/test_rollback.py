"""Taking back: backwards, all of it, and telling what went wrong meanwhile."""

from __future__ import annotations

from tuicontainer.errors import FailedPrecondition, Internal, NotFound, SyscallError
from tuicontainer.runtime.rollback import Rollback
from tuicontainer.runtime.timeline import MOST_MARKS, Timeline


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
    timeline.marks += [("namespaces", begin + 10), ("wait for init", begin + 90)]
    timeline.inner = [("begin", begin + 8), ("pivot", begin + 50)]
    assert timeline.steps() == [
        ("runtime", "namespaces", begin, begin + 10),
        ("init", "pivot", begin + 8, begin + 50),
        ("runtime", "wait for init", begin + 10, begin + 90),
    ]


def test_the_steps_of_a_timeline_are_bounded_and_leave_no_gap() -> None:
    timeline = Timeline()
    for _ in range(MOST_MARKS + 50):
        timeline.mark("bind mounts")
    timeline.mark("pivot")
    steps = timeline.steps()
    assert len(timeline.marks) == MOST_MARKS
    assert steps[-1][1] == "more steps"
    assert sum(end - begin for _, _, begin, end in steps) == (
        timeline.marks[-1][1] - timeline.marks[0][1]
    )
