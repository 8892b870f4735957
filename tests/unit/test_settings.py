"""Settings files and the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tuicontainer.errors import InvalidArgument
from tuicontainer.settings import Settings, load_settings, user_file


def load(tmp_path: Path, *, machine: str = "", user: str = "", **env: str) -> Settings:
    machine_file = tmp_path / "machine.toml"
    if machine:
        machine_file.write_text(machine)
    if user:
        folder = tmp_path / "tuicontainer"
        folder.mkdir()
        (folder / "config.toml").write_text(user)
    return load_settings(
        environment={"XDG_CONFIG_HOME": str(tmp_path), **env}, machine_file=str(machine_file)
    )


def test_without_files_nothing_is_set(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()


def test_every_key_is_read(tmp_path: Path) -> None:
    text = """
        bundles = ["/srv/bundles", "own"]
        theme = "dusk"
        read_only = true
        root = "/run/x"
        data_root = "data"
        [keys]
        "container.kill" = "ctrl+k"
    """
    assert load(tmp_path, machine=text) == Settings(
        bundles=("/srv/bundles", str(tmp_path / "own")),
        theme="dusk",
        read_only=True,
        root="/run/x",
        data_root=str(tmp_path / "data"),
        keys={"container.kill": "ctrl+k"},
    )


def test_the_users_file_wins_key_by_key_and_the_environment_over_both(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        machine='theme = "a"\nroot = "/a"\ndata_root = "/a"',
        user='root = "/b"\ndata_root = "/b"',
        TUICONTAINER_DATA_ROOT="/c",
        TUICONTAINER_BUNDLES="/x:/y",
        TUICONTAINER_READ_ONLY="0",
    )
    assert settings == Settings(
        theme="a", root="/b", data_root="/c", bundles=("/x", "/y"), read_only=False
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('theme = "a"\nbundels = []\n', "line 2: unknown key `bundels`", "`bundles`"),
        ("[colours]\nred = 1\n", "line 1: unknown key `colours`", "keys are bundles, theme"),
        ("\n\nread_only = 1\n", "line 3: `read_only` must be true or false, not `1`", ""),
        ('bundles = "/srv"\n', "line 1: `bundles` must be a list of paths, not `'/srv'`", ""),
        ("bundles = [1]\n", "line 1: `bundles` must be a list of paths, not `[1]`", ""),
        ('root = ""\n', "line 1: `root` must be a path, not `''`", ""),
        ('theme = "a\n', "aren't TOML", ""),
        ('[keys]\n"a" = 1\n', "line 1: `keys` must be a table of key ids and keys", ""),
        ('# data_root_old\n"data_rot" = "/"\n', "line 2: unknown key `data_rot`", "`data_root`"),
    ],
)
def test_mistakes_name_file_line_key_and_the_nearest_key(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        load(tmp_path, machine=text)
    assert str(tmp_path / "machine.toml") in caught.value.message
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_wrong_word_in_the_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="TUICONTAINER_READ_ONLY"):
        load(tmp_path, TUICONTAINER_READ_ONLY="maybe")


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/x/tuicontainer/config.toml"),
        ({"HOME": "/h"}, "/h/.config/tuicontainer/config.toml"),
        ({"HOME": "/h", "SUDO_USER": "nobody-of-this-name"}, None),
        ({}, None),
    ],
)
def test_where_the_users_file_is(
    env: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert user_file(env) == expected


def test_under_sudo_it_is_the_invoking_users(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    entry = pwd.getpwuid(1)
    assert user_file({"SUDO_USER": entry.pw_name, "HOME": "/root"}) == os.path.join(
        entry.pw_dir, ".config/tuicontainer/config.toml"
    )
