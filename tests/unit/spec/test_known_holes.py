"""Numbers and lengths that other runtimes read too generously, each by the hole it made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument, TuiContainerError
from tuicontainer.runtime.process.identity_maps import encode_mappings
from tuicontainer.spec.config import IdMapping
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.spec.overrides import parse_user

LARGEST = 2**31 - 1
TOO_LARGE = (2**31, 2**32 - 1, 2**32, 2**63, -1)


def with_user(**ids: Any) -> dict[str, Any]:
    document = default_document()
    document["process"]["user"] |= ids
    return document


@pytest.mark.parametrize("value", TOO_LARGE)
@pytest.mark.parametrize("name", ["uid", "gid"])
def test_cve_2024_40635_an_id_never_wraps_to_root(name: str, value: int) -> None:
    with pytest.raises(InvalidArgument, match=f"process.user.{name}"):
        decode_config(with_user(**{name: value}))
    with pytest.raises(InvalidArgument):
        parse_user(str(value) if name == "uid" else f"0:{value}")


def test_the_largest_id_is_an_id() -> None:
    config = decode_config(with_user(uid=LARGEST))
    assert config.process is not None
    assert config.process.user.uid == LARGEST
    assert parse_user(f"{LARGEST}:{LARGEST}") == (LARGEST, LARGEST)


@given(st.text(max_size=8) | st.text("0123456789:+- _x\n\u0661", max_size=8))
@example("1")
@example("1:")
@example("\u0661")
@example("1_0")
def test_cve_2026_30892_a_user_is_what_is_written_or_refused(text: str) -> None:
    """`1` was taken for 0:0."""
    try:
        uid, gid = parse_user(text)
    except TuiContainerError:
        return
    assert text == (str(uid) if gid is None else f"{uid}:{gid}") or text.lstrip("0") != text
    assert text.replace(":", "", 1).isascii()
    assert [int(part) for part in text.split(":")] == [uid] + ([] if gid is None else [gid])


def test_cve_2021_43784_no_length_is_cut() -> None:
    """Sixteen bits held the length of a message; here there is none, and each part has a limit."""
    with pytest.raises(InvalidArgument, match="the kernel takes 340"):
        encode_mappings([IdMapping(container_id=n, host_id=n, size=1) for n in range(341)])
    document = default_document()
    document["linux"]["namespaces"][0]["path"] = "/" + "a/" * 40_000
    with pytest.raises(InvalidArgument, match=r"linux\.namespaces\[0\]\.path"):
        decode_config(document)
