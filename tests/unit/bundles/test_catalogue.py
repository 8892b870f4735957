"""Which bundles there are, and which one a name or a path means."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tuicontainer.bundles.catalogue import bundle_document, list_bundles, resolve_bundle
from tuicontainer.bundles.load import load_bundle
from tuicontainer.errors import NotFound
from tuicontainer.locations import Locations, shipped_dir
from tuicontainer.spec.default import default_document

SHIPPED = shipped_dir("bundles")


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(state_root=str(tmp_path / "s"), data_root=str(tmp_path / "d"))


def make_bundle(folder: Path, **changes: Any) -> Path:
    (folder / "rootfs").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(default_document() | changes))
    return folder


def test_shipped_bundles_are_listed_without_being_assembled(locations: Locations) -> None:
    views = list_bundles([SHIPPED], locations)
    assert [view.name for view in views] == [
        "cpu",
        "hello",
        "hooks",
        "logger",
        "memory",
        "shell",
        "user",
        "web",
    ]
    assert not os.path.exists(locations.data_root)
    for view in views:
        assert (view.shipped, view.problem) == (True, "")
        assert 10 < len(view.description) < 80
        assert view.path == f"{locations.data_root}/shipped/{view.name}"
        assert view.memory_limit
        assert view.pids_limit
    by_name = {view.name: view for view in views}
    assert by_name["cpu"].cpus == 0.25
    assert by_name["hello"].cpus is None
    assert by_name["hooks"].hooks == 6
    assert by_name["shell"].terminal
    assert "user" in by_name["user"].namespaces
    assert by_name["web"].args == ("/bundle/web.sh",)


def test_a_persons_bundles_are_listed_with_their_problems(
    tmp_path: Path, locations: Locations
) -> None:
    root = tmp_path / "mine"
    linux = default_document()["linux"]
    linux["resources"] = {
        "memory": {"limit": -1},
        "cpu": {"quota": 150_000},
        "pids": {"limit": -1},
    }
    make_bundle(
        root / "good", annotations={"io.tuicontainer.description": "Does good"}, linux=linux
    )
    make_bundle(root / "broken").joinpath("config.json").write_text("{]")
    make_bundle(root / "rootless").joinpath("rootfs").rmdir()
    (root / "empty").mkdir()
    (root / ".git").mkdir()
    (root / "file").write_text("")
    (root / "link").symlink_to("good")
    views = {view.name: view for view in list_bundles([str(root)], locations)}
    assert sorted(views) == ["broken", "empty", "good", "link", "rootless"]
    good = views["good"]
    assert (good.description, good.path, good.shipped) == ("Does good", str(root / "good"), False)
    assert (good.memory_limit, good.cpus, good.pids_limit) == (None, 1.5, None)
    assert good.problem == views["link"].problem == ""
    assert "isn't JSON: line 1" in views["broken"].problem
    assert "has no config.json" in views["empty"].problem
    assert "doesn't exist" in views["rootless"].problem
    assert views["rootless"].hint
    assert all("\n" not in view.problem for view in views.values())


def test_roots_are_listed_in_order_and_missing_ones_are_empty(
    tmp_path: Path, locations: Locations
) -> None:
    make_bundle(tmp_path / "b" / "x")
    make_bundle(tmp_path / "a" / "x")
    roots = [str(tmp_path / name) for name in ("b", "none", "a")]
    assert [view.path for view in list_bundles(roots, locations)] == [
        str(tmp_path / "b" / "x"),
        str(tmp_path / "a" / "x"),
    ]
    assert resolve_bundle("x", roots, locations) == str(tmp_path / "b" / "x")


def test_a_root_that_cant_be_read_is_a_problem(tmp_path: Path, locations: Locations) -> None:
    (tmp_path / "file").write_text("")
    (view,) = list_bundles([str(tmp_path / "file")], locations)
    assert "not a directory" in view.problem


@pytest.mark.parametrize("how", ["name", "checkout path", "assembled path", "slash"])
def test_a_shipped_bundle_is_assembled_however_it_is_named(how: str, locations: Locations) -> None:
    reference = {
        "name": "hello",
        "checkout path": f"{SHIPPED}/hello",
        "assembled path": f"{locations.data_root}/shipped/hello",
        "slash": f"{SHIPPED}/hello/",
    }[how]
    path = resolve_bundle(reference, [SHIPPED], locations)
    assert path == f"{locations.data_root}/shipped/hello"
    load_bundle(path)


def test_a_path_needs_no_root(
    tmp_path: Path, locations: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = str(make_bundle(tmp_path / "here" / "mine"))
    monkeypatch.chdir(tmp_path / "here")
    for reference in (bundle, "./mine", "mine", "mine/", "../here/mine"):
        assert resolve_bundle(reference, [SHIPPED], locations) == bundle
    monkeypatch.chdir(bundle)
    assert resolve_bundle(".", [SHIPPED], locations) == bundle


@pytest.mark.parametrize("reference", ["nothing", "", "./nothing", "..x", "/nothing/at/all"])
def test_what_isnt_there_is_not_found(reference: str, locations: Locations) -> None:
    with pytest.raises(NotFound, match="no bundle `") as caught:
        resolve_bundle(reference, [SHIPPED], locations)
    assert ("looked in" in caught.value.hint) == ("/" not in reference)


def test_a_folder_of_the_assembled_root_that_isnt_shipped_is_just_a_path(
    locations: Locations,
) -> None:
    own = make_bundle(Path(locations.data_root, "shipped", "own"))
    assert resolve_bundle(str(own), [], locations) == str(own)


def test_a_listed_bundles_document_can_be_read_before_it_is_assembled(
    tmp_path: Path, locations: Locations
) -> None:
    own = make_bundle(tmp_path / "mine" / "x", hostname="own")
    for view in list_bundles([SHIPPED, str(tmp_path / "mine")], locations):
        document = bundle_document(view.path, locations)
        assert document["hostname"] == ("own" if view.path == str(own) else view.name)
    assert not os.path.exists(locations.data_root)
