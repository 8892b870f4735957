"""Bundles in the app: the menu, the editor that checks as one types, copies and new ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.harness import app_over, fake_engine, loaded, press, shows, text_of, until
from tuicontainer.bundles.editing import BundleText
from tuicontainer.engine.fake import FakeEngine
from tuicontainer.errors import FailedPrecondition
from tuicontainer.spec.default import default_document
from tuicontainer.tui.bundle_rows import counted, editor_rows, row_line
from tuicontainer.tui.screens.editor import EditorScreen
from tuicontainer.tui.widgets.config_area import ConfigArea

SIZE = (120, 40)
PATH = "/bundles/quick"


def engine_with(text: str | None = None, fixed: str = "") -> FakeEngine:
    engine = fake_engine()
    content = json.dumps(default_document(), indent=2) if text is None else text
    engine.bundle_work.texts[PATH] = BundleText(path=PATH, text=content, stamp="1", fixed=fixed)
    return engine


async def open_editor(pilot: Pilot[Any]) -> tuple[EditorScreen, ConfigArea]:
    """Open the editor on the bundle `quick` and wait until it has checked the text."""
    await loaded(pilot)
    await press(pilot, "1")
    assert pilot.app.main.current_bundle.name == "quick"  # type: ignore[attr-defined]
    await press(pilot, "B", "e")
    await until(pilot, lambda: isinstance(pilot.app.screen, EditorScreen), "the editor")
    screen = pilot.app.screen
    assert isinstance(screen, EditorScreen)
    await until(pilot, lambda: screen.quiet, "the first check")
    return screen, screen.query_one(ConfigArea)


async def checked(pilot: Pilot[Any], screen: EditorScreen) -> None:
    await until(pilot, lambda: screen.quiet, "the check")
    await pilot.pause()


async def test_what_is_typed_is_checked_and_gone_to() -> None:
    app = app_over(engine_with())
    async with app.run_test(size=SIZE) as pilot:
        screen, area = await open_editor(pilot)
        assert shows(app, "quick/config.json", "4 risks")
        area.load_text(area.text.replace('"cwd": "/"', '"cwd": "tmp"'))
        await checked(pilot, screen)
        assert shows(
            app, "not saved", "1 error", "✗", "`process.cwd` is `tmp`: must be an absolute"
        )
        await press(pilot, "f8")
        line = area.document.get_line(area.cursor_location[0])
        assert line.strip() == '"cwd": "tmp",'


async def test_keys_are_text() -> None:
    app = app_over(engine_with("{}"))
    async with app.run_test(size=SIZE) as pilot:
        screen, area = await open_editor(pilot)
        await press(pilot, *"sq", "tab")
        await checked(pilot, screen)
        assert area.text == "sq{}"
        assert shows(app, "isn't JSON")


async def test_it_is_saved_and_said() -> None:
    engine = engine_with()
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        _, area = await open_editor(pilot)
        area.load_text(area.text.replace('"runc"', '"mine"'))
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "saved" in text_of(app)[-1], "it to be saved")
        assert '"mine"' in engine.bundle_work.texts[PATH].text
        await press(pilot, "escape")
        assert app.screen is app.main


async def test_errors_are_saved_only_when_asked_twice() -> None:
    engine = engine_with()
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        screen, area = await open_editor(pilot)
        area.load_text("{")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: shows(app, "once more saves it all the same"), "the warning")
        assert engine.bundle_work.texts[PATH].text != "{"
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: engine.bundle_work.texts[PATH].text == "{", "the file")
        assert screen.quiet


async def test_changes_are_thrown_away_only_when_asked_twice() -> None:
    app = app_over(engine_with("{}"))
    async with app.run_test(size=SIZE) as pilot:
        screen, _ = await open_editor(pilot)
        await press(pilot, "x", "escape")
        assert app.screen is screen
        assert shows(app, "once more throws the changes away")
        await press(pilot, "y", "escape")
        assert app.screen is screen, "another change is another question"
        await press(pilot, "escape")
        assert app.screen is app.main


async def test_a_failure_keeps_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_with()

    async def refuse(*_: object) -> BundleText:
        raise FailedPrecondition("it was changed meanwhile", hint="read it again")

    monkeypatch.setattr(engine.bundle_work, "save", refuse)
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        screen, area = await open_editor(pilot)
        area.load_text(area.text.replace('"runc"', '"mine"'))
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: shows(app, "not saved: it was changed meanwhile → read it"))
        assert '"mine"' in area.text
        assert app.screen is screen


@pytest.mark.parametrize("read_only", [True, False])
async def test_what_is_fixed_cannot_be_changed(read_only: bool) -> None:
    engine = engine_with("{}", fixed="" if read_only else "shipped bundles stay as they are")
    app = app_over(engine, read_only=read_only)
    async with app.run_test(size=SIZE) as pilot:
        _, area = await open_editor(pilot)
        await press(pilot, "x", "ctrl+s")
        assert area.text == "{}"
        assert shows(app, "can't be saved", "read-only")
        assert engine.bundle_work.texts[PATH].text == "{}"


async def test_a_bundle_is_copied_and_the_copy_opened() -> None:
    engine = engine_with()
    engine.bundle_work.texts["/bundles/quick-copy"] = BundleText(
        path="/bundles/quick-copy", text="{}", stamp="1"
    )
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "1", "B", "c", "enter")
        await until(pilot, lambda: isinstance(app.screen, EditorScreen), "the editor")
        assert engine.bundle_work.made == [("copy", PATH, "quick-copy")]


async def test_a_new_one_is_made_from_the_chosen_template() -> None:
    engine = engine_with()
    app = app_over(engine)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "1", "B", "n", *"web", "down", "down", "enter")
        await until(pilot, lambda: bool(engine.bundle_work.made), "the bundle")
        assert engine.bundle_work.made == [("new", "service", "web")]


async def test_read_only_makes_nothing() -> None:
    engine = engine_with()
    app = app_over(engine, read_only=True)
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "1", "B", "n")
        assert app.screen is app.main
        assert engine.bundle_work.made == []


async def test_the_risks_are_a_key_away() -> None:
    app = app_over(engine_with())
    async with app.run_test(size=SIZE) as pilot:
        await loaded(pilot)
        await press(pilot, "1", "B", "l")
        await until(pilot, lambda: shows(app, "seccomp-missing"), "the risks")


async def test_rows_are_worst_first_and_fit() -> None:
    document = default_document()
    document["process"]["cwd"] = "tmp"
    text = json.dumps(document).replace('"root":', '"hostname": "a", "root":')
    checked = await FakeEngine().bundle_work.check(text)
    rows = editor_rows(text, checked)
    assert [row.mark for row in rows] == ["✗", "!"]
    assert counted(rows) == "1 error, 1 warning"
    assert counted([]) == "nothing to complain about"
    assert sum(len(part) for part, _ in row_line(rows[0], 30)) <= 30
