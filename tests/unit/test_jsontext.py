"""Our JSON is the standard library's, without its import."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.jsontext import dumps, loads

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_compact_text_is_the_same(value: object) -> None:
    assert dumps(value) == json.dumps(value, separators=(",", ":"))
    assert dumps(value, ascii_only=False) == json.dumps(
        value, separators=(",", ":"), ensure_ascii=False
    )


@given(VALUES)
def test_indented_text_is_the_same(value: object) -> None:
    assert dumps(value, indent=2) == json.dumps(value, indent=2)
    assert dumps(value, indent="\t", ascii_only=False) == json.dumps(
        value, indent="\t", ensure_ascii=False
    )


@given(VALUES)
def test_reading_takes_back_what_was_written(value: object) -> None:
    assert loads(json.dumps(value, indent=1)) == value
    assert loads(f" \n{json.dumps(value)}\t ".encode()) == value


@given(st.text(alphabet=' \n{}[]",:0123456789.eE+-truefalsn\\u') | st.text())
def test_what_json_refuses_is_refused(text: str) -> None:
    try:
        expected = json.loads(text, parse_constant=_refuse)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - any text will do
            loads(text)
    else:
        assert loads(text) == expected


def _refuse(name: str) -> None:
    raise ValueError(name)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_constants_that_are_no_json_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        loads(text)


def test_an_error_tells_line_and_column() -> None:
    with pytest.raises(ValueError, match="line 2, column 3"):
        loads("{}\n  x")


@pytest.mark.parametrize("value", [float("nan"), object(), {"a": {1, 2}}])
def test_a_value_without_a_form_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        dumps(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(ValueError, match="Circular"):
        dumps(value)


def test_a_deep_nest_is_refused() -> None:
    with pytest.raises(RecursionError):
        loads("[" * 200_000)


def fresh(code: str) -> str:
    """Run *code* where nothing has imported the `json` package; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_it_does_not_import_json() -> None:
    code = "import tuicontainer.jsontext; print('json' in sys.modules or 're' in sys.modules)"
    assert fresh(code) == "False\n"


@pytest.mark.parametrize("text", ["{", '{"a"', '["\\x"]', '"open', "[1,]", '{"a":1,}', ""])
def test_an_error_is_an_error_before_json_was_imported_too(text: str) -> None:
    code = f"""
from tuicontainer.jsontext import loads
try:
    loads({text!r})
except ValueError as error:
    print(error)
"""
    assert fresh(code).startswith("line 1, column ")
