"""JSON and bundles as coloured lines; the form's texts as options; the header and the footer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import CreateOptions
from tuicontainer.engine.fake import FAKE_HOST, FAKE_INFO
from tuicontainer.engine.statistics import StatsTick
from tuicontainer.errors import InvalidArgument
from tuicontainer.tui.command_lines import bundle_line
from tuicontainer.tui.documents import bundle_lines, json_lines
from tuicontainer.tui.model import Model
from tuicontainer.tui.screens.create import read_options
from tuicontainer.tui.screens.help import help_lines
from tuicontainer.tui.spans import plain, width_of
from tuicontainer.tui.widgets.footer import KeyHint, footer_line
from tuicontainer.tui.widgets.header import header_line

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside),
    max_leaves=12,
)


@given(st.dictionaries(st.text(st.characters(min_codepoint=32, max_codepoint=126)), JSON))
def test_coloured_json_is_still_the_same_json(document: dict[str, Any]) -> None:
    text = "\n".join(plain(line) for line in json_lines(document))
    if "�" not in text:
        assert json.loads(text) == document


def test_json_has_the_tones_of_its_parts() -> None:
    lines = json_lines({"a": "x:1", "b": [1, True, None]})
    assert ('"a"', "name") in lines[1]
    assert ('"x:1"', "string") in lines[1]
    assert ("1", "number") in lines[3]
    assert ("true", "word") in lines[4]


def test_a_bundle_says_what_it_is_limited_to() -> None:
    bundle = BundleView(name="web", path="/b/web", description="An HTTP server", args=("httpd",),
                        namespaces=("pid", "network"), cpus=0.5, memory_limit=64 << 20,
                        pids_limit=1, hooks=6, shipped=True)  # fmt: skip
    text = "\n".join(plain(line) for line in bundle_lines(bundle, 60))
    for words in ("An HTTP server", "0.5 core, 64.0 MiB of memory, 1 process", "pid network",
                  "shipped with tuicontainer", "s starts it"):  # fmt: skip
        assert words in text
    broken = BundleView(name="b", path="/b", problem="no config.json", hint="add one")
    text = "\n".join(plain(line) for line in bundle_lines(broken, 60))
    assert "no config.json" in text
    assert "add one" in text
    assert "starts it" not in text


EMPTY = {"name": "", "command": "", "memory": "", "cpus": "", "pids": ""}


@pytest.mark.parametrize(("values", "options"), [
    ({}, CreateOptions()),
    ({"name": " web-2 "}, CreateOptions(container_id="web-2")),
    ({"command": "sh -c 'a b'"}, CreateOptions(args=("sh", "-c", "a b"))),
    ({"memory": "64m"}, CreateOptions(memory_limit=64 << 20)),
    ({"memory": "1.5GiB"}, CreateOptions(memory_limit=3 << 29)),
    ({"memory": "4096"}, CreateOptions(memory_limit=4096)),
    ({"cpus": "0.5", "pids": "12"}, CreateOptions(cpus=0.5, pids_limit=12)),
])  # fmt: skip
def test_the_form_means(values: dict[str, str], options: CreateOptions) -> None:
    assert read_options(EMPTY | values) == options


@pytest.mark.parametrize(("values", "words"), [
    ({"name": "a/b"}, "invalid container ID format"), ({"command": "'open"}, "command"),
    ({"memory": "much"}, "memory limit"), ({"memory": "-1"}, "memory limit"),
    ({"memory": "nan"}, "memory limit"), ({"cpus": "0"}, "CPU limit"),
    ({"pids": "0"}, "process limit"), ({"pids": "1.5"}, "process limit"),
])  # fmt: skip
def test_the_form_refuses_by_the_fields_name(values: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        read_options(EMPTY | values)


def test_the_form_shows_what_does_the_same_in_a_shell() -> None:
    bundle = BundleView(name="web", path="/b/web")
    options = CreateOptions(container_id="w", args=("sh", "-c", "a b"), memory_limit=1024, cpus=2.0)
    assert bundle_line(bundle, options) == (
        "tuicontainer run -d --name w --memory 1024 --cpus 2 web sh -c 'a b'"
    )
    assert bundle_line(bundle, CreateOptions(), start=False) == "tuicontainer create web"


def model(**facts: Any) -> Model:
    made = Model(lambda: 0, read_only=False)
    made.info = FAKE_INFO.replace(**facts)
    made.tick = StatsTick(time_ns=0, host=FAKE_HOST, containers={})
    made.set_containers(())
    return made


@given(st.integers(30, 250), st.booleans(), st.booleans())
def test_the_header_fills_its_line_and_warnings_never_leave_it(
    width: int, root: bool, read_only: bool
) -> None:
    line = header_line(model(root=root, read_only=read_only), width)
    text = plain(line)
    assert ("NOT ROOT" in text) is not root
    assert ("READ-ONLY" in text) is read_only
    if width >= 60:
        assert width_of(line) == width


HINTS = [
    KeyHint(id=f"container.{word}", key=word[0], text=word, enabled=word != "stop",
            action=f"screen.verb('{word}')")
    for word in ("start", "stop", "kill", "delete", "pause", "restart")
] + [
    KeyHint(id="program.help", key="?", text="help", enabled=True, action="screen.help"),
    KeyHint(id="program.quit", key="q", text="quit", enabled=True, action="screen.leave"),
]  # fmt: skip


@given(st.integers(20, 200))
def test_the_footer_keeps_help_and_quit_at_any_width(width: int) -> None:
    line, places = footer_line(HINTS, width)
    assert width_of(line) == width
    assert plain(line).endswith(" ? help  q quit ")
    for left, right, action in places:
        word = action.partition("'")[2].rstrip("')") or {"screen.help": "help"}.get(action, "quit")
        assert word in plain(line)[left:right], "a click on a word is a press of its key"


def test_what_is_forbidden_is_faint_in_the_footer() -> None:
    line, _ = footer_line(HINTS, 120)
    assert (" s stop ", "faint") in line
    assert (" s", "key") in line


@pytest.mark.parametrize("width", [40, 120])
def test_the_help_names_every_key_once(width: int) -> None:
    text = "\n".join(plain(line) for line in help_lines({"container.stop": "x"}, "log", width))
    for words in ("kill", "shift+tab", "ctrl+p :", "THROTTLED", " x "):
        assert words in text
