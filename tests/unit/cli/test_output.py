"""Standard output and error."""

from __future__ import annotations

import os

import pytest

from tuicontainer.cli.output import OutputClosed, report_error, write, write_bytes, write_json
from tuicontainer.errors import NotFound


def test_json_is_one_line_unless_indented(capfd: pytest.CaptureFixture[str]) -> None:
    write_json({"a": ["ü"]})
    write_json({"a": 1}, indent=True)
    assert capfd.readouterr().out == '{"a":["ü"]}\n{\n  "a": 1\n}\n'


def test_undecodable_file_names_come_out_as_they_were(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    write(os.fsdecode(b"/b\xff\n"))
    assert capfdbinary.readouterr().out == b"/b\xff\n"


def test_an_error_is_one_line_with_its_hint(capfd: pytest.CaptureFixture[str]) -> None:
    report_error(NotFound("no container matches\n`x\x1b`", hint="`tuicontainer ps -a` lists them"))
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "tuicontainer: no container matches `x�` (hint: `tuicontainer ps -a` lists them)\n"
    )


def test_a_reader_that_left_is_noticed() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(OutputClosed):
        write_bytes(b"x", writer)
    os.close(writer)


def test_a_full_nonblocking_pipe_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    data = b"x" * 300_000
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        write_bytes(data, writer)
        os._exit(0)
    os.close(writer)
    received = b""
    while chunk := os.read(reader, 4096):
        received += chunk
    os.close(reader)
    assert os.waitpid(pid, 0)[1] == 0
    assert received == data
