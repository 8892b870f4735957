"""Where things are: argument, environment, default; and one key for each state root."""

from __future__ import annotations

import os

import pytest

from tuicontainer.locations import Locations, default_locations, shipped_dir


def test_root_uses_run_and_var_lib() -> None:
    assert default_locations(environment={}, uid=0) == Locations(
        state_root="/run/tuicontainer", data_root="/var/lib/tuicontainer"
    )


def test_others_use_their_xdg_folders() -> None:
    environment = {"XDG_RUNTIME_DIR": "/run/user/7", "XDG_DATA_HOME": "/home/u/data"}
    assert default_locations(environment=environment, uid=7) == Locations(
        state_root="/run/user/7/tuicontainer", data_root="/home/u/data/tuicontainer"
    )


def test_without_xdg_variables_the_defaults_of_the_specification_are_used() -> None:
    found = default_locations(environment={"HOME": "/home/u"}, uid=7)
    assert found.data_root == "/home/u/.local/share/tuicontainer"
    assert "7" in found.state_root


def test_an_argument_goes_above_the_environment_above_the_default() -> None:
    environment = {"TUICONTAINER_ROOT": "/e/root", "TUICONTAINER_DATA_ROOT": "/e/data"}
    found = default_locations(root="/a", environment=environment, uid=0)
    assert (found.state_root, found.data_root) == ("/a", "/e/data")


def test_relative_paths_are_made_absolute() -> None:
    assert default_locations(root="x", environment={}, uid=0).state_root == os.path.abspath("x")


def test_each_state_root_has_a_key_of_its_own() -> None:
    keys = [Locations(state_root=root, data_root="/d").root_key for root in ("/a/x", "/b/x")]
    assert len(set(keys)) == 2
    assert all(key.startswith("x-") and len(key) < 64 for key in keys)


def test_no_container_id_can_collide_with_the_engines_folder() -> None:
    from tuicontainer.errors import InvalidArgument
    from tuicontainer.spec.identifiers import check_container_id

    places = Locations(state_root="/s", data_root="/d")
    with pytest.raises(InvalidArgument):
        check_container_id(os.path.basename(places.engine_dir))


@pytest.mark.parametrize("kind", ["bundles", "themes"])
def test_shipped_things_are_found(kind: str) -> None:
    assert os.listdir(shipped_dir(kind))
