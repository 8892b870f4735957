"""What a person may choose: read, refused by name, and written back without losing anything."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.errors import FailedPrecondition, InvalidArgument, Unsupported
from tuicontainer.locations import invoking_ids
from tuicontainer.tui.keymap import check_keys, key_clashes
from tuicontainer.tui.own_files import replace_file
from tuicontainer.tui.preferences import Preferences, changed_settings, read_preferences
from tuicontainer.tui.profiles import PROFILES
from tuicontainer.tui.saving import save_changes
from tuicontainer.tui.settings_rows import setting_rows
from tuicontainer.tui.toml_edit import set_value
from tuicontainer.tui.widgets.container_columns import CONTAINER_COLUMNS

COLUMNS = [column.key for column in CONTAINER_COLUMNS]
THEMES = ["harbour", "daylight"]


def test_everything_that_the_docstring_names_is_read() -> None:
    found = read_preferences(
        {
            "profile": "vim",
            "refresh": 2,
            "columns": ["name", "status"],
            "undo": 0,
            "desktop": "osc777",
            "confirm": {"stop": "ask"},
            "thresholds": {"cpu": [50, 60]},
            "notify": {"oom": ["bell"]},
        },
        theme="daylight",
        keys={"container.kill": "ctrl+k"},
    )
    assert (found.theme, found.refresh, found.columns) == ("daylight", 2.0, ("name", "status"))
    assert found.confirm["stop"] == "ask"
    assert found.confirm["delete"] == "ask", "what isn't named keeps its default"
    assert found.thresholds["cpu"] == (50.0, 60.0)
    assert found.notify["oom"] == ("bell",)
    assert found.effective_keys["container.kill"] == "ctrl+k"
    assert found.effective_keys["container.delete"] == "D", "the profile's"


@pytest.mark.parametrize(("table", "words"), [
    ({"refreh": 1}, "no `tui.refreh`"),
    ({"refresh": 0}, "`tui.refresh` can't be `0`"),
    ({"refresh": True}, "`tui.refresh`"),
    ({"profile": "emacs"}, "`tui.profile` can't be `emacs`"),
    ({"columns": ["nam"]}, "`tui.columns`"),
    ({"confirm": {"stopp": "ask"}}, "no `tui.confirm.stopp`"),
    ({"confirm": {"stop": "maybe"}}, "`tui.confirm.stop` can't be `maybe`"),
    ({"confirm": "ask"}, "`tui.confirm`"),
    ({"thresholds": {"cpu": [90, 70]}}, "`tui.thresholds.cpu`"),
    ({"thresholds": {"cpu": [90]}}, "`tui.thresholds.cpu`"),
    ({"notify": {"oom": ["mail"]}}, "`tui.notify.oom`"),
])  # fmt: skip
def test_what_cant_be_is_refused_by_name(table: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words) as caught:
        read_preferences(table)
    assert caught.value.hint


@pytest.mark.parametrize("profile", PROFILES)
def test_no_profile_clashes_or_names_a_key_that_there_isnt(profile: str) -> None:
    check_keys(PROFILES[profile])


def test_all_clashes_are_reported_at_once() -> None:
    keys = {"container.stop": "K", "log.wrap": "f,j"}
    assert key_clashes(keys) == {
        "K": ["container.stop", "container.kill"],
        "f": ["log.find", "log.wrap"],
        "j": ["log.wrap", "move.down"],
    }
    with pytest.raises(InvalidArgument, match=r"`K`.*`f`.*`j`"):
        check_keys(keys)


@given(st.data())
def test_every_change_of_the_screen_can_be_saved_and_read_again(data: st.DataObject) -> None:
    before = now = Preferences(theme="harbour")
    for _ in range(data.draw(st.integers(1, 6))):
        rows = [row for row in setting_rows(now, THEMES, COLUMNS) if row.turn]
        row = data.draw(st.sampled_from(rows))
        assert row.turn is not None
        now = row.turn(now, data.draw(st.sampled_from([1, -1])))
    text = '# mine\ntheme = "harbour"\n\n[tui.confirm] # asked\n'
    for path, value in changed_settings(now, before).items():
        text = set_value(text, path, value)
    document = tomllib.loads(text)
    assert read_preferences(document.get("tui", {}), theme=document["theme"]) == now
    assert "# mine" in text


@pytest.mark.parametrize("row", setting_rows(Preferences(theme="harbour"), THEMES, COLUMNS))
def test_every_setting_changes_and_comes_back(row: Any) -> None:
    if row.turn is None:
        assert row.binding
        return
    before = now = Preferences(theme="harbour")
    values = set()
    for _ in range(60):
        now = row.turn(now, 1)
        values.add(next(r.value for r in setting_rows(now, THEMES, COLUMNS) if r.key == row.key))
        now = now if len(values) < 40 else before
    assert len(values) > 1
    assert before == Preferences(theme="harbour"), "nothing is changed in place"


OWN = """# My settings
theme = "harbour" # dark

bundles = [
  "/a",   # one
  "/b",
]
[keys]
"container.kill" = "ctrl+k"

# columns
[tui]
columns = [
    "name",
    "status",
]
refresh = 2
"""


@pytest.mark.parametrize(("path", "value", "old", "new"), [
    (("theme",), "day", 'theme = "harbour" # dark', 'theme = "day"'),
    (("theme",), None, 'theme = "harbour" # dark\n', ""),
    (("keys", "container.kill"), "x", '"ctrl+k"', '"x"'),
    (("keys", "container.stop"), "y", '"ctrl+k"\n', '"ctrl+k"\n"container.stop" = "y"\n'),
    (("tui", "columns"), ("pids",), 'columns = [\n    "name",\n    "status",\n]',
     'columns = ["pids"]'),
    (("tui", "refresh"), 0.5, "refresh = 2", "refresh = 0.5"),
    (("tui", "confirm", "stop"), "ask", "refresh = 2\n",
     'refresh = 2\n\n[tui.confirm]\nstop = "ask"\n'),
    (("root",), "/x", '  "/b",\n]\n', '  "/b",\n]\nroot = "/x"\n'),
])  # fmt: skip
def test_one_value_changes_and_the_rest_stays_to_the_letter(
    path: tuple[str, ...], value: object, old: str, new: str
) -> None:
    assert set_value(OWN, path, value) == OWN.replace(old, new)


def test_a_shape_that_isnt_understood_is_refused_and_not_damaged() -> None:
    with pytest.raises(Unsupported, match=r"tui.refresh"):
        set_value("tui = { refresh = 2 }\n", ("tui", "refresh"), 1.0)
    assert set_value("", ("tui", "refresh"), 1.0) == "[tui]\nrefresh = 1\n"


def test_saving_makes_the_folder_and_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    now = Preferences(theme="daylight", refresh=5.0)
    assert save_changes(str(path), now, Preferences()) == str(path)
    assert path.read_text() == 'theme = "daylight"\n\n[tui]\nrefresh = 5\n'
    assert path.stat().st_mode & 0o777 == 0o600
    save_changes(str(path), now.replace(theme=""), now)
    assert tomllib.loads(path.read_text()) == {"tui": {"refresh": 5}}
    assert os.listdir(path.parent) == ["config.toml"], "nothing else is left"
    with pytest.raises(FailedPrecondition):
        save_changes(None, now, Preferences())
    path.write_text("[broken")
    with pytest.raises(InvalidArgument, match="aren't TOML"):
        save_changes(str(path), now, Preferences())


def test_a_linked_settings_file_stays_a_link(tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("a = 1\n")
    link = tmp_path / "config.toml"
    link.symlink_to(kept)
    replace_file(str(link), "b = 2\n")
    assert link.is_symlink()
    assert kept.read_text() == "b = 2\n"


def test_files_belong_to_who_called_sudo() -> None:
    own = (os.geteuid(), os.getegid())
    assert invoking_ids({}) == own
    expected = (1000, 1001) if os.geteuid() == 0 else own
    assert invoking_ids({"SUDO_UID": "1000", "SUDO_GID": "1001"}) == expected
