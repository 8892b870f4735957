"""Keys that a person changes are checked before the screen opens."""

from __future__ import annotations

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.tui.keymap import GROUPS, MAIN_KEYS, SCROLLING, check_keys


def test_the_defaults_clash_nowhere() -> None:
    check_keys({})
    assert {binding for _, group in GROUPS for binding in group} == {*MAIN_KEYS, *SCROLLING}


def test_a_key_can_be_given_another_and_two_can_be_swapped() -> None:
    check_keys({"container.kill": "ctrl+k"})
    check_keys({"container.stop": "h", "container.start": "t", "list.sort": "f2,ctrl+t"})


@pytest.mark.parametrize(("keys", "words", "hint"), [
    ({"container.kil": "x"}, "no key `container.kil`", "`container.kill`"),
    ({"container.kill": "t"}, "key `t` can't mean both `container.stop` and `container.kill`", ""),
    ({"container.kill": "h,j"}, "key `j` can't mean both", "keys"),
])  # fmt: skip
def test_what_cant_be_is_refused_by_name(keys: dict[str, str], words: str, hint: str) -> None:
    with pytest.raises(InvalidArgument, match=words) as caught:
        check_keys(keys)
    assert hint in caught.value.hint
