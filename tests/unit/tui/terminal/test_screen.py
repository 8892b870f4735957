"""Byte streams in, cells out: what the emulated terminal shows, and what it answers."""

from __future__ import annotations

import pytest

from tuicontainer.tui.terminal import modes
from tuicontainer.tui.terminal.parser import Parser
from tuicontainer.tui.terminal.screen import Screen
from tuicontainer.tui.terminal.styles import PLAIN, Pen, sequence


class Shown:
    """A terminal of 10 columns and 4 lines."""

    def __init__(self, columns: int = 10, lines: int = 4) -> None:
        self.replies: list[bytes] = []
        self.screen = Screen(columns, lines, self.replies.append)
        self.parser = Parser(self.screen)

    def __call__(self, *chunks: str | bytes) -> list[str]:
        for chunk in chunks:
            self.parser.feed_bytes(chunk.encode() if isinstance(chunk, str) else chunk)
        return [self.screen.text(y) for y in range(self.screen.lines)]

    @property
    def place(self) -> tuple[int, int]:
        return self.screen.cursor.y, self.screen.cursor.x

    def pen(self, y: int, x: int) -> Pen:
        return self.screen.row(y)[x].pen


@pytest.mark.parametrize(("written", "lines"), [
    ("one\r\ntwo", ["one", "two", "", ""]),
    ("0123456789abc", ["0123456789", "abc", "", ""]),
    ("0123456789\r\nx", ["0123456789", "x", "", ""]),
    ("\x1b[?7l0123456789abc", ["012345678c", "", "", ""]),
    ("a\tb", ["a       b", "", "", ""]),
    ("\x1b[2;3Hx\x1b[Ay\x1b[2Dz", ["  zy", "  x", "", ""]),
    ("abcdef\x1b[3D\x1b[K", ["abc", "", "", ""]),
    ("abcdef\x1b[3D\x1b[1K", ["    ef", "", "", ""]),
    ("abcdef\x1b[1;2H\x1b[2P", ["adef", "", "", ""]),
    ("abcdef\x1b[1;2H\x1b[2@", ["a  bcdef", "", "", ""]),
    ("abcdef\x1b[1;2H\x1b[2X", ["a  def", "", "", ""]),
    ("abc\x1b[4h\x1b[1;1Hxy", ["xyabc", "", "", ""]),
    ("a\r\nb\r\nc\r\nd\x1b[2;1H\x1b[L", ["a", "", "b", "c"]),
    ("a\r\nb\r\nc\r\nd\x1b[2;1H\x1b[M", ["a", "c", "d", ""]),
    ("a\r\nb\r\nc\r\nd\r\ne", ["b", "c", "d", "e"]),
    ("a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[3;1H\nx", ["a", "c", "x", "d"]),
    ("a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[2;1H\x1bMx", ["a", "x", "b", "d"]),
    ("a\r\nb\r\nc\r\nd\x1b[S", ["b", "c", "d", ""]),
    ("a\r\nb\r\nc\r\nd\x1b[T", ["", "a", "b", "c"]),
    ("a\r\nb\x1b[2J", ["", "", "", ""]),
    ("a\r\nb\r\nc\x1b[2;1H\x1b[J", ["a", "", "", ""]),
    ("x\x1b[3b", ["xxxx", "", "", ""]),
    ("\x1b7abc\x1b8x\x1b8y", ["ybc", "", "", ""]),
    ("abc\x1bEd", ["abc", "d", "", ""]),
    ("\x1b(0lqk\x1b(Bl", ["┌─┐l", "", "", ""]),
    ("\x1b)0\x0eq\x0fq", ["─q", "", "", ""]),
    ("abc\x1bcd", ["d", "", "", ""]),
    ("a\x1b[3;1H\x1b[Zb", ["a", "", "b", ""]),
    ("ab\x08c", ["ac", "", "", ""]),
])  # fmt: skip
def test_what_is_written_where(written: str, lines: list[str]) -> None:
    assert Shown()(written) == lines
    # However it is cut, and a sequence or a character may be cut anywhere, it is the same.
    assert Shown()(*(bytes((byte,)) for byte in written.encode())) == lines


@pytest.mark.parametrize("sequence", [
    "\x1b[>4;1m", "\x1b[?4m", "\x1b[<u", "\x1b[=1c", "\x1b[2 q", "\x1b[1\"q", "\x1b[?25$p",
    "\x1bP1$r0m\x1b\\", "\x1b_title\x1b\\", "\x1b^x\x1b\\", "\x1bXx\x1b\\",
    "\x1bPq#0;2;0\x07\x1b\\",
    "\x1b]0;title\x07", "\x1b]11;?\x1b\\", "\x1b]52;c;c2VjcmV0\x07", "\x1b]8;;http://x\x1b\\",
    "\x1b[58;2;1;2;3m", "\x1b[58:5:1m", "\x1b[1;2;3A", "\x1b[9;9;9J", "\x1b[7K", "\x1b[?9999h",
    "\x1b F", "\x1b%G", "\x1b[99999999999999999999C", "\x1b[?3h", "\x1b[?3l", "\x1b=", "\x1b>",
    "\x1b]0;cancelled\x1b[m", "\x1bPcancelled\x1b[m", "\x9b1m", "\x00\x7f\x07", "\x1b[!p",
    "\x1b[1;\x18", "\x1b[6;1;2t", "\x1b[d", "\x1b[?6h\x1b[d\x1b[6n\x1b[?6l",
])  # fmt: skip
def test_no_sequence_is_drawn_or_breaks_anything(sequence: str) -> None:
    for cut in range(1, len(sequence)):
        shown = Shown(columns=40)
        shown(sequence[:cut], sequence[cut:], "\x1b[2;1Hok")
        assert [line for line in shown() if line] == ["ok"]
        assert shown.screen.columns == 40


def test_a_string_without_an_end_is_neither_drawn_nor_kept() -> None:
    shown = Shown()
    assert shown("\x1bPq" + "x" * 3000, *["y" * 3000] * 5)[0] == ""
    assert len(shown.parser._held) < 5000
    assert shown("still\x1b", "\\after")[0] == "after"


def test_wide_and_combining_characters() -> None:
    shown = Shown()
    assert shown("漢字e\u0301x")[0] == "漢字éx"
    assert shown.place == (0, 6)
    assert shown("\r\x1b[1Cx")[0] == " x字éx", "half of a wide character is none"
    assert shown("\x1b[2;10H漢")[1:3] == ["", "漢"], "it isn't cut at the edge"
    assert shown("\x1b[4;1H👩\u200d")[3] == "👩\u200d"


@pytest.mark.parametrize(("codes", "pen"), [
    ("1;31", Pen(fg=1, bold=True)),
    ("42;97", Pen(bg=2, fg=15)),
    ("38;5;208;48;5;17", Pen(fg=208, bg=17)),
    ("38;2;1;2;3", Pen(fg=1 << 24 | 0x010203)),
    ("38:2::1:2:3", Pen(fg=1 << 24 | 0x010203)),
    ("38:2:1:2:3;1", Pen(fg=1 << 24 | 0x010203, bold=True)),
    ("48:5:7", Pen(bg=7)),
    ("4:3", Pen(underline=True)),
    ("4;4:0", PLAIN),
    ("58;2;1;2;3;3", Pen(italic=True)),
    ("2;7;9;8", Pen(dim=True, reverse=True, strike=True, conceal=True)),
    ("1;2;22;31;39;41;49", PLAIN),
    ("31;0;4", Pen(underline=True)),
    ("38;5;999", PLAIN),
    ("38;2;1", PLAIN),
    ("", PLAIN),
])  # fmt: skip
def test_colours_and_attributes(codes: str, pen: Pen) -> None:
    shown = Shown()
    shown(f"\x1b[{codes}mx")
    assert shown.pen(0, 0) == pen
    again = Shown()
    again(sequence(pen), "x")
    assert again.pen(0, 0) == pen, "what is written for a recording means the same"


def test_erasing_gives_the_background_and_nothing_else() -> None:
    shown = Shown()
    shown("\x1b[41;4;7mx\x1b[K\x1b[2;1H\x1b[J")
    assert shown.pen(0, 5) == Pen(bg=1)
    assert shown.pen(3, 9) == Pen(bg=1)


def test_the_alternate_screen_leaves_the_other_as_it_was() -> None:
    shown = Shown()
    shown("one\r\ntwo\x1b[31m")
    assert shown("\x1b[?1049h\x1b[Hfull\r\n\n\n\n\nscrolled") == ["", "", "", "scrolled"]
    assert shown.screen.alternate
    assert len(shown.screen.history) == 0
    assert shown("\x1b[?1049l") == ["one", "two", "", ""]
    assert shown.place == (1, 3)
    assert shown.screen.pen == Pen(fg=1)


def test_what_scrolls_out_is_kept() -> None:
    shown = Shown()
    shown("".join(f"{number}\r\n" for number in range(10)))
    assert [shown.screen.text(y) for y in range(-7, 4)] == [*"0123456789", ""]
    assert shown.screen.scrolled == 7
    shown("\x1b[3J")
    assert len(shown.screen.history) == 0
    shown("\x1b[1;2r\x1b[2;1H\n\n")
    assert shown.screen.scrolled == 9, "a region at the top scrolls into history too"


def test_another_size_keeps_the_line_of_the_cursor() -> None:
    shown = Shown()
    shown("a\r\nb\r\nc")
    shown.screen.resize(2, 10)
    assert shown() == ["b", "c"]
    assert shown.screen.text(-1) == "a"
    shown.screen.resize(6, 30)
    assert shown("\r\n\t\t\tx")[2] == " " * 24 + "x", "there are tab stops in the new columns"
    assert shown.place[0] == 2
    assert Shown()("a\x1b[3;1H") == ["a", "", "", ""]


def test_another_size_while_the_alternate_screen_is_shown() -> None:
    shown = Shown()
    shown("a\r\nb\r\nc\r\nd\x1b[?1049h")
    shown.screen.resize(2, 10)
    assert shown("\x1b[?1049l") == ["c", "d"]
    assert shown.place == (1, 1)


@pytest.mark.parametrize(("asked", "answer"), [
    ("\x1b[c", b"\x1b[?62;22c"),
    ("\x1b[0c", b"\x1b[?62;22c"),
    ("\x1bZ", b"\x1b[?62;22c"),
    ("\x1b[>c", b"\x1b[>1;277;0c"),
    ("\x1b[5n", b"\x1b[0n"),
    ("ab\x1b[6n", b"\x1b[1;3R"),
    ("0123456789\x1b[6n", b"\x1b[1;10R"),
    ("\x1b[2;3r\x1b[?6h\x1b[6n", b"\x1b[1;1R"),
    ("\x1b[?6h\x1b[6n", b"\x1b[1;1R"),
    ("\x1b[?6n", b"\x1b[?1;1R"),
    ("\x1b[18t", b"\x1b[8;4;10t"),
    ("\x1b[?2004h\x1b[?2004$p", b"\x1b[?2004;1$y"),
    ("\x1b[?1006$p", b"\x1b[?1006;2$y"),
    ("\x1b[?4242$p", b"\x1b[?4242;0$y"),
    ("\x1b]2;rm -rf\x07\x1b[21t", b""),
])  # fmt: skip
def test_answers(asked: str, answer: bytes) -> None:
    shown = Shown()
    shown(asked)
    assert b"".join(shown.replies) == answer


def test_the_title_is_printable_and_short() -> None:
    shown = Shown()
    shown("\x1b]2;ti\u202etle\x07")
    assert shown.screen.title == "title"
    shown("\x1b]0;" + "x" * 3000 + "\x07", "\x1b]1;icon\x07", "\x1b]21;x\x07")
    assert shown.screen.title == "x" * 200


def test_modes_are_told_to_keys_and_mouse() -> None:
    shown = Shown()
    shown("\x1b[?1;1000;1006;2004h")
    assert {modes.CURSOR_KEYS, 1000, 1006, modes.PASTE} <= shown.screen.private
    shown("\x1b[?1000;2004l")
    assert not {1000, modes.PASTE} & shown.screen.private
    shown("\x1bc")
    assert shown.screen.private == modes.INITIAL


def test_only_lines_that_changed_are_to_be_drawn() -> None:
    shown = Shown()
    shown.screen.dirty.clear()
    shown("a\r\nb")
    assert shown.screen.dirty == {0, 1}
    shown.screen.dirty.clear()
    shown("\x1b[4;1Hx\x1b[1;2Hy")
    assert shown.screen.dirty == {3, 0}
