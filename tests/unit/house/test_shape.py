"""The house rules of size and place that no linter knows."""

from __future__ import annotations

import ast

from tests.unit.house.checkout import python_files, read

PACKAGE = {path: ast.parse(read(path)) for path in python_files("tuicontainer")}
ALL = PACKAGE | {path: ast.parse(read(path)) for path in python_files("tests")}

MOST_LINES = 500
MOST_STATEMENTS = 60
FORKERS = ("tuicontainer/runtime/", "tuicontainer/supervise/", "tuicontainer/syscalls/")
DRAWERS = {"util", "utils", "helpers", "misc", "common"}


def test_a_file_has_one_subject() -> None:
    lines = {path: len(read(path).splitlines()) for path in ALL}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_a_file_says_what_it_is_for() -> None:
    assert [path for path, tree in ALL.items() if tree.body and not ast.get_docstring(tree)] == []


def test_a_function_fits_on_a_screen() -> None:
    statements = {
        f"{path}: {node.name}": sum(isinstance(below, ast.stmt) for below in ast.walk(node)) - 1
        for path, tree in PACKAGE.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in statements.items() if count > MOST_STATEMENTS} == {}


def test_annotations_stay_text() -> None:
    """Record reads them, and evaluating them would cost every door its start-up time."""
    assert [
        path
        for path, tree in PACKAGE.items()
        if any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)
        and "from __future__ import annotations" not in read(path)
    ] == []


def test_only_single_threaded_rooms_fork() -> None:
    """A fork copies a threaded process half alive (pthread_atfork(3))."""
    assert {
        path
        for path, tree in PACKAGE.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"fork", "forkpty"}
        if not path.startswith(FORKERS)
    } == set()


def test_no_drawer_for_everything_else() -> None:
    """Name it by what it does."""
    assert [path for path in ALL if DRAWERS & set(path.removesuffix(".py").split("/"))] == []
