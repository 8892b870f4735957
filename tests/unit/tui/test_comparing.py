"""What differs between two containers."""

from __future__ import annotations

from typing import Any

from tuicontainer.engine.fake_kernel import pretended_groups, pretended_kernel
from tuicontainer.record import Record
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.comparing import Side, comparison_lines, kernel_facts
from tuicontainer.tui.spans import plain


def view(name: str, pid: int) -> ContainerView:
    return ContainerView(
        id=name, status="running", pid=pid, bundle="/b", created_ns=0, args=("/bin/x",)
    )


def shown(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    sides = Side(name="one", parts=one), Side(name="other", parts=other)
    return [plain(line) for line in comparison_lines(*sides)]


def test_only_what_differs_is_marked_and_coloured() -> None:
    one = {"config.json": {"hostname": "a", "process": {"cwd": "/"}}}
    other = {"config.json": {"hostname": "b", "process": {"cwd": "/"}}}
    text = shown(one, other)
    assert text[:2] == ["- one", "+ other"]
    assert "config.json  1 line differs" in text
    assert [line for line in text[2:] if line.startswith(("-", "+"))] == [
        '-   "hostname": "a",',
        '+   "hostname": "b",',
    ]
    sides = Side(name="one", parts=one), Side(name="other", parts=other)
    tones = {line[0] for line in comparison_lines(*sides) if line and line[0][0] in ("- ", "+ ")}
    assert tones == {("- ", "bad"), ("+ ", "good")}


def test_the_order_of_keys_is_no_difference() -> None:
    assert "config.json  no difference" in shown(
        {"config.json": {"a": 1, "b": 2}}, {"config.json": {"b": 2, "a": 1}}
    )


def test_a_side_without_a_process_is_named() -> None:
    assert "kernel  other has none now" in shown({"kernel": {}}, {})


def facts(name: str, pid: int, limit: int | None, other: Record | None = None) -> dict[str, Any]:
    its = view(name, pid)
    return kernel_facts(pretended_kernel(its), pretended_groups(its, limit), other)  # type: ignore[arg-type]


def test_what_differs_between_any_two_is_left_out() -> None:
    assert facts("one", 1, None) == facts("other", 2, None)


def test_a_limit_is_a_difference() -> None:
    text = shown({"kernel": facts("one", 1, 64 << 20)}, {"kernel": facts("other", 2, None)})
    assert [line for line in text[2:] if line.startswith(("-", "+"))] == [
        '-     "memory.max": "67108864"',
        '+     "memory.max": "max"',
    ]


def test_joint_namespaces_are_told_from_own_ones() -> None:
    seen = pretended_kernel(view("one", 1))
    assert set(facts("one", 1, None)["namespaces"].values()) == {"host", "own"}
    assert set(facts("one", 1, None, seen)["namespaces"].values()) == {"host", "joint"}


def test_control_characters_of_a_bundle_are_shown_and_not_obeyed() -> None:
    assert not any("\x1b" in line for line in shown({"x": {"a": "\x1b[2J"}}, {"x": {}}))
