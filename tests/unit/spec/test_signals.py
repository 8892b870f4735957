"""Signals by name and number."""

from __future__ import annotations

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument
from tuicontainer.spec.signals import NAMES, NUMBERS, parse_signal, signal_name


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("KILL", 9),
        ("SIGKILL", 9),
        ("sigterm", 15),
        ("hup", 1),
        ("9", 9),
        (9, 9),
        ("64", 64),
        ("CHLD", signal.SIGCHLD),
        ("cld", signal.SIGCHLD),
        ("RTMIN", signal.SIGRTMIN),
        ("SIGRTMIN+3", signal.SIGRTMIN + 3),
        ("rtmax-2", signal.SIGRTMAX - 2),
    ],
)
def test_names_and_numbers_are_known(text: str | int, number: int) -> None:
    assert parse_signal(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "0", 0, -1, 65, "65", "99999999999", "SIG", "SIGSIGKILL", "RTMIN-1", "RTMIN+99", "RTMIN+",
     "RTMAX+1", "_DFL", "²", "K I", "RTMIN+٣"],
)  # fmt: skip
def test_unknown_signals_are_refused(text: str | int) -> None:
    with pytest.raises(InvalidArgument, match=r"^unknown signal `"):
        parse_signal(text)


def test_the_numbers_are_this_architectures() -> None:
    assert {name: int(getattr(signal, f"SIG{name}")) for name in NUMBERS} == NUMBERS


@pytest.mark.parametrize("number", range(1, signal.SIGRTMAX + 1))
def test_every_number_has_a_name_that_leads_back(number: int) -> None:
    assert parse_signal(signal_name(number)) == number


def test_the_usual_of_two_names_is_shown() -> None:
    assert NAMES[signal.SIGCHLD] == "CHLD"
    assert NAMES[signal.SIGABRT] == "ABRT"
    assert NAMES[signal.SIGIO] == "IO"


@given(st.text(max_size=10))
def test_any_text_is_a_signal_or_refused(text: str) -> None:
    try:
        number = parse_signal(text)
    except InvalidArgument:
        return
    assert 0 < number <= signal.SIGRTMAX
