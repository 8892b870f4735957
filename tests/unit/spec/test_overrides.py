"""What a person chooses for one container replaces the bundle's own, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.spec.limits import Limits
from tuicontainer.spec.overrides import apply_overrides, parse_user


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("0", (0, None)),
        ("1", (1, None)),
        ("1000:1000", (1000, 1000)),
        ("2147483647:0", (2147483647, 0)),
    ],
)
def test_a_user_is_a_number_or_two(text: str, ids: tuple[int, int | None]) -> None:
    assert parse_user(text) == ids


@pytest.mark.parametrize(
    "text",
    ["", ":", "1:", ":1", "root", "+1", "-1", " 1", "1 ", "1:2:3", "0x1", "1_0", "²", "٣", "1.0",
     "2147483648", "0:4294967296", "4294967295", "1\n"],
)  # fmt: skip
def test_a_user_that_is_not_plainly_a_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="must be `uid` or `uid:gid`"):
        parse_user(text)


def test_nothing_chosen_changes_nothing() -> None:
    assert apply_overrides(default_document()) == default_document()


def test_the_program_and_its_surroundings_are_replaced() -> None:
    merged = apply_overrides(
        default_document(),
        args=["ls", "-l"],
        env=["TERM=dumb", "NEW=1"],
        cwd="/tmp",
        terminal=True,
        console_size=(40, 120),
    )
    process = decode_config(merged).process
    assert process is not None
    assert process.args == ("ls", "-l")
    assert process.env[0].startswith("PATH=")
    assert process.env[1:] == ("TERM=dumb", "NEW=1")
    assert process.cwd == "/tmp"
    assert process.console_size is not None
    assert (process.console_size.height, process.console_size.width) == (40, 120)
    assert process.no_new_privileges is True, "what wasn't chosen stays"


def test_a_user_takes_the_group_along_only_if_given() -> None:
    document = default_document()
    document["process"]["user"] = {"uid": 5, "gid": 6, "umask": 7, "additionalGids": [8]}
    assert apply_overrides(document, user="1000")["process"]["user"] == {
        "uid": 1000,
        "gid": 6,
        "umask": 7,
    }
    assert apply_overrides(document, user="1000:0")["process"]["user"]["gid"] == 0


def test_limits_replace_what_they_name() -> None:
    merged = apply_overrides(default_document(), limits=Limits(pids_limit=7))
    resources = decode_config(merged).linux.resources
    assert resources.pids is not None
    assert resources.pids.limit == 7
    assert len(resources.devices) == 1, "what wasn't chosen stays"


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        ({"env": ["NAME"]}, "environment entry` is `NAME`: must be `NAME=value`"),
        ({"user": "root"}, "must be `uid` or `uid:gid`"),
    ],
)
def test_a_wrong_choice_is_refused(chosen: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        apply_overrides(default_document(), **chosen)
    assert text in caught.value.message


def test_a_bundle_without_a_process_can_be_given_one() -> None:
    document = default_document()
    del document["process"]
    process = decode_config(apply_overrides(document, args=["ls"])).process
    assert process is not None
    assert process.args == ("ls",)
    assert process.cwd == "/"
