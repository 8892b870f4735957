"""Everything wrong with a text is found at once, where it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.spec.default import default_document
from tuicontainer.spec.positions import find_positions, line_and_column
from tuicontainer.spec.problems import check_text, find_path, problem_at

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def text_of(document: Any) -> str:
    return json.dumps(document, indent=2)


def found(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.where) for problem in check_text(text).problems]


def with_wrong(**changes: Any) -> dict[str, Any]:
    document = default_document()
    for path, value in changes.items():
        section: Any = document
        *above, last = path.split("__")
        for key in above:
            section = section[key]
        section[last] = value
    return document


@given(JSON)
def test_every_value_has_a_position(document: Any) -> None:
    text = text_of(document)
    positions = find_positions(text)

    def look(path: tuple[str | int, ...], value: Any) -> None:
        rest = text[positions.values[path] :]
        if path and isinstance(path[-1], str):
            assert rest.startswith(json.dumps(path[-1]))
        else:
            assert json.JSONDecoder().raw_decode(rest)[0] == value
        members = value.items() if isinstance(value, dict) else []
        items = enumerate(value) if isinstance(value, list) else members
        for step, inner in items:
            look((*path, step), inner)

    look((), document)
    assert positions.repeated == ()


def test_lines_and_columns_count_from_one() -> None:
    assert line_and_column("a\nbc", 0) == (1, 1)
    assert line_and_column("a\nbc", 3) == (2, 2)


def test_what_is_right_has_none() -> None:
    checked = check_text(text_of(default_document()))
    assert checked.problems == ()
    assert checked.config is not None


def test_all_wrong_fields_are_found_in_order() -> None:
    document = with_wrong(
        process__cwd="tmp",
        process__oomScoreAdj=9999,
        hostname=7,
        root__readonly="yes",
        linux__maskedPaths=["/a", "b", "c"],
        linux__resources={"memory": {"limit": "lots"}, "pids": {}},
    )
    text = text_of(document)
    lines = text.splitlines()
    assert [(where, lines[line - 1].strip()) for line, where in found(text)] == [
        ("process.cwd", '"cwd": "tmp",'),
        ("process.oomScoreAdj", '"oomScoreAdj": 9999'),
        ("root.readonly", '"readonly": "yes"'),
        ("hostname", '"hostname": 7,'),
        ("linux.resources.memory.limit", '"limit": "lots"'),
        ("linux.resources.pids.limit", '"pids": {}'),
        ("linux.maskedPaths[1]", '"b",'),
    ]


def test_names_with_dots_are_found() -> None:
    document = default_document()
    document["annotations"] = {"a.b": "x", "a.b.c": 3}
    (problem,) = check_text(text_of(document)).problems
    assert problem.where == "annotations.a.b.c"
    assert '"a.b.c"' in text_of(document).splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("", 1, 1, "expecting value"),
        ("\ufeff{}", 1, 1, "byte order mark"),
        ('{\n  "a": NaN}', 1, 1, "`NaN` is no number"),
        ('{\n  "a": 1,\n  2}', 3, 3, "property name"),
        ('{"a": "x\ny"}', 1, 9, "control character"),
        ("[1", 1, 3, "delimiter"),
        ("[]", 1, 1, "must be a JSON object"),
        ("[" * 100_000, 1, 1, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_one_problem(text: str, line: int, column: int, said: str) -> None:
    (problem,) = check_text(text).problems
    assert (problem.line, problem.column) == (line, column)
    assert said in problem.text
    assert check_text(text).config is None


def test_a_name_given_twice_is_a_warning() -> None:
    text = text_of(default_document()).replace(
        '"hostname": "runc"', '"hostname": 1, "hostname": "x"'
    )
    (problem,) = check_text(text).problems
    assert problem.warning
    assert problem.where == "hostname"
    assert check_text(text).config is not None


@pytest.mark.parametrize("number", ["1e999", "9" * 400, "-" + "9" * 30])
def test_huge_numbers_are_told(number: str) -> None:
    document = default_document()
    document["process"]["oomScoreAdj"] = 77_777
    (problem,) = check_text(text_of(document).replace("77777", number)).problems
    assert problem.where == "process.oomScoreAdj"


def test_what_is_missing_is_shown_where_it_belongs() -> None:
    document = default_document()
    del document["process"]["cwd"]
    (problem,) = check_text(text_of(document)).problems
    assert "process.cwd" in problem.text
    assert '"process"' in text_of(document).splitlines()[problem.line - 1]


def test_a_place_is_found_by_its_json_path() -> None:
    text = text_of(default_document())
    checked = check_text(text)
    assert checked.positions is not None
    assert find_path(checked.positions, "linux.seccomp") == ("linux",)
    assert find_path(checked.positions, "mounts[1].options") == ("mounts", 1, "options")
    problem = problem_at(text, checked.positions, "mounts[1].options", "so")
    assert '"options"' in text.splitlines()[problem.line - 1]


@given(st.dictionaries(st.sampled_from(sorted(default_document())), JSON))
def test_whatever_the_values_it_ends_and_says_where(changes: dict[str, Any]) -> None:
    document = default_document() | changes
    checked = check_text(text_of(document))
    assert (checked.config is None) == any(not each.warning for each in checked.problems)
