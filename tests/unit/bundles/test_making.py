"""Bundles that are made: whole, by themselves, never over another."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tuicontainer.bundles import making
from tuicontainer.bundles.load import load_bundle
from tuicontainer.bundles.making import check_name, copy_bundle, new_bundle, own_root
from tuicontainer.bundles.templates import TEMPLATES, template_document
from tuicontainer.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound
from tuicontainer.locations import Locations, shipped_dir
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.lint.linting import lint

SHIPPED = Path(shipped_dir("bundles"))
NAMES = sorted(entry.name for entry in SHIPPED.iterdir())


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(state_root=str(tmp_path / "s"), data_root=str(tmp_path / "d"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def findings(template: str) -> set[str]:
    document = template_document(template, "x", uid=1000, gid=1000)
    return {finding.rule for finding in lint(decode_config(document))}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_becomes_a_whole_bundle(template: str, root: Path) -> None:
    folder = new_bundle(template, "my.bundle", str(root))
    config = load_bundle(folder)
    assert config.hostname == "my.bundle"
    for mount in config.mounts:
        assert os.path.lexists(f"{folder}/rootfs{mount.destination}")
    assert os.listdir(root) == ["my.bundle"]


def test_the_hardened_lacks_only_what_depends_on_the_host() -> None:
    assert findings("hardened") == {"label-missing"}


def test_a_service_is_limited() -> None:
    assert not {rule for rule in findings("service") if rule.endswith("unlimited")}


def test_rootless_maps_the_persons_own_ids() -> None:
    document = template_document("rootless", "x", uid=1234, gid=99)
    assert document["linux"]["uidMappings"][0]["hostID"] == 1234
    assert document["linux"]["gidMappings"][0]["hostID"] == 99


def test_under_sudo_the_person_is_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("SUDO_UID", "1234")
    monkeypatch.setenv("SUDO_GID", "99")
    assert making.invoking_user() == (1234, 99)


def test_an_unknown_template_is_named(root: Path) -> None:
    with pytest.raises(NotFound, match="no template `web`"):
        new_bundle("web", "x", str(root))
    assert not root.exists()


@pytest.mark.parametrize("name", ["", ".", "..", ".x", "-x", "a/b", "a b", "ä", "a\n", "x" * 201])
def test_names_that_lead_elsewhere_or_hide_are_refused(name: str) -> None:
    with pytest.raises(InvalidArgument):
        check_name(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_bundle_is_copied_with_a_root_of_its_own(
    name: str, root: Path, locations: Locations
) -> None:
    folder = copy_bundle(str(SHIPPED / name), "mine", str(root), locations)
    config = load_bundle(folder)
    assert config.root.path == "rootfs"
    assert "@version@" not in Path(folder, "config.json").read_text()
    for hook in config.hooks.prestart:
        assert hook.path.startswith(folder) or os.path.exists(hook.path)
    assert not os.path.exists(locations.data_root)


def own_bundle(folder: Path) -> Path:
    """Make a bundle with files of every kind that needs no privileges."""
    rootfs = folder / "rootfs"
    rootfs.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(template_document("shell", "x", uid=0, gid=0)))
    (rootfs / "program").write_text("#!/bin/sh\n")
    (rootfs / "program").chmod(0o4755)
    os.link(rootfs / "program", rootfs / "also")
    (rootfs / "out").symlink_to("/etc/shadow")
    os.mkfifo(rootfs / "pipe", 0o640)
    (rootfs / "closed").mkdir(mode=0o500)
    os.utime(rootfs / "program", ns=(1_000, 2_000))
    return folder


def test_a_copy_has_the_same_files(tmp_path: Path, root: Path, locations: Locations) -> None:
    source = own_bundle(tmp_path / "source")
    copy = Path(copy_bundle(str(source), "mine", str(root), locations)) / "rootfs"
    program = (copy / "program").stat()
    assert stat.S_IMODE(program.st_mode) == 0o4755
    assert program.st_mtime_ns == 2_000
    assert program.st_ino == (copy / "also").stat().st_ino
    assert program.st_ino != (source / "rootfs" / "program").stat().st_ino
    assert os.readlink(copy / "out") == "/etc/shadow"
    assert stat.S_ISFIFO((copy / "pipe").stat().st_mode)
    assert stat.S_IMODE((copy / "closed").stat().st_mode) == 0o500


def test_a_bundle_is_not_copied_into_itself(tmp_path: Path, locations: Locations) -> None:
    source = own_bundle(tmp_path / "source")
    with pytest.raises(InvalidArgument, match="would lie in itself"):
        copy_bundle(str(source), "x", str(source / "rootfs"), locations)


def test_one_that_is_there_stays_as_it_is(root: Path, locations: Locations) -> None:
    (root / "mine").mkdir(parents=True)
    with pytest.raises(AlreadyExists):
        new_bundle("shell", "mine", str(root))
    with pytest.raises(AlreadyExists):
        copy_bundle(str(SHIPPED / "hello"), "mine", str(root), locations)
    assert os.listdir(root) == ["mine"]
    assert os.listdir(root / "mine") == []


def test_what_fails_leaves_nothing(
    tmp_path: Path, root: Path, locations: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = own_bundle(tmp_path / "source")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tuicontainer.bundles.copying._copy_content", full)
    with pytest.raises(FailedPrecondition, match="no space left"):
        copy_bundle(str(source), "mine", str(root), locations)
    assert os.listdir(root) == []


def test_the_shipped_root_is_nobodys_own(locations: Locations) -> None:
    assert own_root((str(SHIPPED), "/srv/a", "/srv/b"), locations) == "/srv/a"
    assert own_root((str(SHIPPED),), locations) == f"{locations.data_root}/bundles"
