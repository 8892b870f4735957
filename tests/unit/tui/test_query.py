"""What a filter line lets pass."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import InvalidArgument
from tuicontainer.tui.query import Field, Value, parse_query

Item = dict[str, Value]


def field(name: str, unit: str) -> Field[Item]:
    return Field(name=name, unit=unit, read=lambda item: item.get(name))


FIELDS = (
    field("status", "text"),
    field("cpu", "percent"),
    field("mem", "bytes"),
    field("up", "seconds"),
    field("pids", "number"),
)
WEB: Item = {"status": "running", "cpu": 60.0, "mem": 20 << 20, "up": 300.0, "pids": 4}
JOB: Item = {"status": "stopped", "cpu": None, "mem": None, "up": 7200.0, "pids": None}
ITEMS = {"web": (WEB, "web-1 running an http server"), "job": (JOB, "job-1 stopped exit 3")}


@pytest.mark.parametrize(("text", "passing"), [
    ("", "web job"),
    ("WEB", "web"), ("http server", "web"), ('"exit 3"', "job"), ('"3 exit"', ""),
    ("~htp", "web"), ("~pth", ""), ("~w1", "web"), ("~wser", ""),
    ("/^web|exit \\d/", "web job"), ("/exit [12]/", ""), ("/h.tp", "web"),
    ("!web", "job"), ("!/exit/ !web", ""), ("!status:run", "job"), ("!~htp", "job"),
    ("cpu>50", "web"), ("cpu>60", ""), ("cpu>=60%", "web"), ("cpu<50", ""), ("cpu!=1", "web"),
    ("mem>10M", "web"), ("mem>=20M", "web"), ("mem>20MiB", ""), ("mem<1g", "web"),
    ("up>1h", "job"), ("up=5m", "web"), ("up<301s", "web"), ("up:300", "web"), ("up>.01d", "job"),
    ("pids=4", "web"), ("status:run", "web"), ("status=run", ""), ("status=stopped", "job"),
    ("status!=stopped", "web"), ('status:"stop" exit', "job"),
    ("cpu>50 status:running server", "web"), ('"http://x"', ""),
])  # fmt: skip
def test_what_passes(text: str, passing: str) -> None:
    query = parse_query(text, FIELDS)
    found = [name for name, (item, words) in ITEMS.items() if query.passes(item, words)]
    assert found == passing.split()


@pytest.mark.parametrize(("text", "words", "hint"), [
    ("cpux>5", "no `cpux` to ask for", "status cpu mem"),
    ("http://x", "no `http` to ask for", "in quotes if you mean the text"),
    ("cpu>", "`cpu` can't be compared with ``", "such as 50"),
    ("cpu>x", "`cpu` can't be compared with `x`", "such as 50"),
    ("cpu>5M", "can't be compared", ""),
    ("mem>5q", "`mem` can't be compared with `5q`", "10M"),
    ("status>x", "`status` is a text", ""),
    ("/a(/", "the pattern `a(` is wrong", ""),
])  # fmt: skip
def test_what_means_nothing_is_refused_by_name(text: str, words: str, hint: str) -> None:
    with pytest.raises(InvalidArgument, match=re.escape(words)) as caught:
        parse_query(text, FIELDS)
    assert hint in caught.value.hint


@given(st.text(max_size=40))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    try:
        query = parse_query(text, FIELDS)
    except InvalidArgument:
        return
    query.passes(*ITEMS["web"])
