"""Restart policies: how they are written, and when they apply."""

from __future__ import annotations

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.restart import RestartPolicy, parse_restart_policy, pause_before


@pytest.mark.parametrize(
    "text", ["no", "on-failure", "on-failure:1", "on-failure:42", "always", "unless-stopped"]
)
def test_they_are_read_as_they_are_written(text: str) -> None:
    assert str(parse_restart_policy(text)) == text


@pytest.mark.parametrize(
    "text", ["", "never", "always:3", "on-failure:", "on-failure:0", "on-failure:x",
             "on-failure:-1", "on-failure:99999999999"]
)  # fmt: skip
def test_others_are_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="isn't a restart policy"):
        parse_restart_policy(text)


@pytest.mark.parametrize(
    ("policy", "status", "restarts", "applies"),
    [
        ("no", 1, 0, False),
        ("always", 0, 99, True),
        ("unless-stopped", 0, 99, True),
        ("on-failure", 0, 0, False),
        ("on-failure", 1, 99, True),
        ("on-failure", None, 0, True),
        ("on-failure:2", 1, 1, True),
        ("on-failure:2", 1, 2, False),
    ],
)
def test_after_an_end(policy: str, status: int | None, restarts: int, applies: bool) -> None:
    found = parse_restart_policy(policy)
    assert found.applies(status=status, wanted=True, restarts=restarts) is applies
    assert not found.applies(status=status, wanted=False, restarts=restarts), "somebody stopped it"


@pytest.mark.parametrize(
    ("kind", "wanted", "status", "applies"),
    [
        ("no", True, 1, False),
        ("always", False, 0, True),
        ("unless-stopped", True, 0, True),
        ("unless-stopped", False, 0, False),
        ("on-failure", True, None, True),
        ("on-failure", True, 0, False),
        ("on-failure", False, 1, False),
    ],
)
def test_at_boot(kind: str, wanted: bool, status: int | None, applies: bool) -> None:
    assert parse_restart_policy(kind).applies_at_boot(status=status, wanted=wanted) is applies


def test_pauses_double_up_to_a_minute() -> None:
    assert [pause_before(number) for number in range(4)] == [0.1, 0.2, 0.4, 0.8]
    assert pause_before(10) == 60.0
    assert pause_before(10**6) == 60.0
    assert RestartPolicy() == parse_restart_policy("no")
