"""Every verb in every state."""

from __future__ import annotations

import pytest

from tuicontainer.bundles.views import BundleView
from tuicontainer.supervise.views import ContainerView
from tuicontainer.tui.verbs import VERBS, Rights, bundle_refusal, possible, refusal

ALL = Rights(root=True, read_only=False)
STATES = ("creating", "created", "running", "paused", "stopped")


def view(status: str, container_id: str = "one") -> ContainerView:
    return ContainerView(
        id=container_id, status=status, pid=0, bundle="/b", created_ns=0  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", STATES)
def test_a_verb_is_possible_or_its_refusal_names_container_and_state(
    verb: str, status: str
) -> None:
    reason = refusal(verb, [view(status)], ALL)
    assert (reason == "") is (status in VERBS[verb].states)
    if reason:
        assert f"`one` is {status}" in reason


def test_nothing_is_possible_while_a_container_is_being_made() -> None:
    assert {verb for verb in VERBS if not refusal(verb, [view("creating")], ALL)} == {
        "logs", "inspect",
    }  # fmt: skip


@pytest.mark.parametrize(("rights", "word"), [
    (Rights(root=False, read_only=False), "root"), (Rights(root=True, read_only=True), "read-only"),
])  # fmt: skip
def test_without_rights_only_looking_is_possible(rights: Rights, word: str) -> None:
    for verb, rule in VERBS.items():
        states = [view(status) for status in STATES]
        assert (word in refusal(verb, states, rights)) is rule.changes
    assert word in bundle_refusal(BundleView(name="b", path="/b"), rights)


def test_of_several_those_are_meant_whose_state_allows_it() -> None:
    views = [view("running", "a"), view("stopped", "b"), view("paused", "c")]
    assert refusal("stop", views, ALL) == ""
    assert [view.id for view in possible("stop", views)] == ["a", "c"]
    assert "none of the 2 marked" in refusal("delete", [views[0], views[2]], ALL)


def test_without_a_choice_it_says_where_to_choose() -> None:
    assert "(2)" in refusal("stop", [], ALL)
    assert "(1)" in bundle_refusal(None, ALL)
    broken = BundleView(name="b", path="/b", problem="no config.json")
    assert "no config.json" in bundle_refusal(broken, ALL)
