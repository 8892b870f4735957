"""Command lines to arguments, by tables and by chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.cli.options import GLOBAL, Command, Option
from tuicontainer.cli.parser import WrongUsage, check_operands, parse
from tuicontainer.cli.quantities import parse_count

OPTIONS = (
    Option(names=("-i", "--interactive"), help=""),
    Option(names=("-t", "--tty"), help=""),
    Option(names=("-e", "--env"), value="K=V", help="", repeat=True),
    Option(names=("-n", "--tail"), value="N", help="", convert=parse_count),
    Option(names=("--format",), value="F", help="", choices=("table", "json"), default="table"),
    *GLOBAL,
)


@pytest.mark.parametrize(
    ("words", "values", "operands"),
    [
        ([], {"interactive": False, "env": (), "tail": None, "format": "table"}, []),
        (["-it"], {"interactive": True, "tty": True}, []),
        (["-i", "web", "-t"], {"interactive": True, "tty": True}, ["web"]),
        (["-e", "A=1", "--env=B=2", "-eC=3"], {"env": ("A=1", "B=2", "C=3")}, []),
        (["-ite", "A=1"], {"interactive": True, "tty": True, "env": ("A=1",)}, []),
        (["-n5"], {"tail": 5}, []),
        (["-n", "0"], {"tail": 0}, []),
        (["--tail=7", "--tail", "8"], {"tail": 8}, []),
        (["--", "-i", "--tty"], {"interactive": False, "tty": False}, ["-i", "--tty"]),
        (["-"], {}, ["-"]),
        (["--format", "json"], {"format": "json"}, []),
        (["--env", "-i"], {"env": ("-i",), "interactive": False}, []),
        (["--root", "/r", "--read-only"], {"root": "/r", "read_only": True}, []),
    ],
)
def test_words_become_values(
    words: list[str], values: dict[str, object], operands: list[str]
) -> None:
    arguments = parse(words, OPTIONS, stop_at_operand=False)
    assert {key: getattr(arguments, key) for key in values} == values
    assert arguments.operands == operands


@pytest.mark.parametrize(
    ("words", "operands"),
    [
        (["-i", "shell", "ls", "-t"], ["shell", "ls", "-t"]),
        (["shell", "--", "-t"], ["shell", "--", "-t"]),
        (["--", "shell", "-t"], ["shell", "-t"]),
    ],
)
def test_after_the_first_operand_the_program_owns_everything(
    words: list[str], operands: list[str]
) -> None:
    arguments = parse(words, OPTIONS, stop_at_operand=True)
    assert arguments.operands == operands
    assert arguments.tty is False


@pytest.mark.parametrize(
    ("words", "text", "hint"),
    [
        (["--intractive"], "unknown option `--intractive`", "did you mean `--interactive`?"),
        (["--inter"], "unknown option `--inter`", "did you mean `--interactive`?"),
        (["-ix"], "unknown option `-x`", "see `--help`"),
        (["--tty=yes"], "option `--tty` takes no value, got `yes`", ""),
        (["-e"], "option `-e` needs a value: K=V", ""),
        (["--format", "yaml"], "option `--format` can't be `yaml`", "one of table, json"),
        (["-n", "many"], "option `-n`: `many` isn't a whole number", ""),
    ],
)
def test_wrong_usage_names_the_option(words: list[str], text: str, hint: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        parse(words, OPTIONS, stop_at_operand=False)
    assert (caught.value.message, caught.value.hint) == (text, hint)


def test_only_what_was_said_counts_as_given() -> None:
    arguments = parse(["-n", "1"], OPTIONS, stop_at_operand=False)
    assert arguments.given == {"tail"}


@pytest.mark.parametrize(
    ("operands", "text"),
    [([], "`x` needs ID"), (["a", "b"], "`x` doesn't know what to do with `b`")],
)
def test_operands_are_counted(operands: list[str], text: str) -> None:
    command = Command(name="x", summary="", run=lambda _: 0, operands="ID", least=1, most=1)
    with pytest.raises(WrongUsage) as caught:
        check_operands(command, operands)
    assert caught.value.message == text


@given(st.lists(st.text(max_size=6), max_size=8), st.booleans())
def test_any_words_are_parsed_or_refused(words: list[str], stop: bool) -> None:
    try:
        arguments = parse(words, OPTIONS, stop_at_operand=stop)
    except WrongUsage:
        return
    assert set(arguments.operands) <= set(words)


@given(st.lists(st.text(max_size=6), max_size=8))
def test_after_two_dashes_nothing_is_an_option(words: list[str]) -> None:
    assert parse(["--", *words], OPTIONS, stop_at_operand=False).operands == words
