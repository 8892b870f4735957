"""Shipped bundles are assembled whole, once, and by several processes at once."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tuicontainer.bundles.assemble import assemble
from tuicontainer.bundles.load import load_bundle
from tuicontainer.bundles.plan_assembly import plan_assembly
from tuicontainer.errors import InvalidArgument, NotFound, TuiContainerError
from tuicontainer.locations import Locations, shipped_dir
from tuicontainer.spec.default import default_document

SHIPPED = Path(shipped_dir("bundles"))
NAMES = sorted(entry.name for entry in SHIPPED.iterdir())


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(state_root=str(tmp_path / "s"), data_root=str(tmp_path / "d"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small shipped bundle that the test may change."""
    folder = tmp_path / "shipped" / "tiny"
    folder.mkdir(parents=True)
    document = default_document()
    document["process"]["args"] = ["/tiny.sh", "@version@/x"]
    (folder / "config.json").write_text(json.dumps(document))
    manifest = {"files": {"rootfs/tiny.sh": {"source": "tiny.sh", "mode": "0755"}}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "tiny.sh").write_text("#!/bin/sh\necho one\n")
    return folder


def tree(folder: Path) -> dict[str, tuple[int, bytes | str]]:
    """Return every path below a folder with its inode and content or target."""
    found: dict[str, tuple[int, bytes | str]] = {}
    for path in sorted(folder.rglob("*")):
        content: bytes | str = b""
        if path.is_symlink():
            content = os.readlink(path)
        elif path.is_file():
            content = path.read_bytes()
        found[str(path.relative_to(folder))] = (path.lstat().st_ino, content)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_bundle_is_assembled_with_its_mount_points(
    name: str, locations: Locations
) -> None:
    bundle = assemble(str(SHIPPED / name), locations)
    assert bundle == f"{locations.data_root}/shipped/{name}"
    config = load_bundle(bundle)
    assert config.root.readonly
    rootfs = Path(bundle, config.root.path)
    for mount in config.mounts:
        place = rootfs / mount.destination.lstrip("/")
        assert place.exists(), mount
        if mount.type == "bind":
            assert mount.source is not None
            assert place.is_dir() == os.path.isdir(os.path.join(bundle, mount.source)), mount
    assert config.process is not None
    program = rootfs / config.process.args[0].lstrip("/")
    assert stat.S_IMODE(program.stat().st_mode) == 0o755
    assert program.read_bytes().startswith(b"#!/bin/sh\n")


def test_a_private_umask_makes_no_private_root(source: Path, locations: Locations) -> None:
    before = os.umask(0o077)
    try:
        bundle = assemble(str(source), locations)
    finally:
        os.umask(before)
    for path in Path(bundle).rglob("*"):
        if not path.is_symlink():
            assert stat.S_IMODE(path.stat().st_mode) & 0o044 == 0o044, path
    assert stat.S_IMODE(Path(locations.data_root, "shipped").stat().st_mode) == 0o700


def test_assembling_again_changes_nothing(source: Path, locations: Locations) -> None:
    bundle = Path(assemble(str(source), locations))
    before = tree(bundle)
    assemble(str(source), locations)
    assert tree(bundle) == before


def test_absolute_paths_are_filled_in(source: Path, locations: Locations) -> None:
    bundle = assemble(str(source), locations)
    config = load_bundle(bundle)
    assert config.process is not None
    assert config.process.args[1] == f"{bundle}/{os.path.dirname(config.root.path)}/x"


def test_a_newer_version_comes_beside_the_old_one(source: Path, locations: Locations) -> None:
    bundle = Path(assemble(str(source), locations))
    old = load_bundle(str(bundle))
    old_tree = tree(bundle / old.root.path)
    (source / "tiny.sh").write_text("#!/bin/sh\necho two\n")
    assemble(str(source), locations)
    new = load_bundle(str(bundle))
    assert new.root.path != old.root.path
    assert (bundle / new.root.path / "tiny.sh").read_text().endswith("echo two\n")
    assert tree(bundle / old.root.path) == old_tree, "containers run in it"


def test_what_a_dead_builder_left_is_replaced(source: Path, locations: Locations) -> None:
    plan = plan_assembly(str(source), f"{locations.data_root}/shipped/tiny")
    left = Path(plan.folder, "versions", ".building")
    (left / "rootfs" / "deep").mkdir(parents=True)
    (left / "rootfs" / "file").write_text("half")
    (left / "rootfs" / "link").symlink_to("/")
    bundle = assemble(str(source), locations)
    rootfs = Path(bundle, load_bundle(bundle).root.path)
    assert not (rootfs / "deep").exists()
    assert not left.exists()


def test_a_lost_config_or_version_is_made_again(source: Path, locations: Locations) -> None:
    bundle = Path(assemble(str(source), locations))
    (bundle / "config.json").unlink()
    load_bundle(assemble(str(source), locations))
    (bundle / "config.json").write_text("{")
    load_bundle(assemble(str(source), locations))
    (bundle / "versions").rename(bundle / "moved")
    load_bundle(assemble(str(source), locations))


def test_several_processes_assemble_at_once(source: Path, locations: Locations) -> None:
    code = (
        "import sys; from tuicontainer.bundles.assemble import assemble;"
        "from tuicontainer.bundles.load import load_bundle;"
        "from tuicontainer.locations import Locations;"
        "sys.stdin.read();"
        "load_bundle(assemble(sys.argv[1], Locations(state_root='/x', data_root=sys.argv[2])))"
    )
    command = [sys.executable, "-c", code, str(source), locations.data_root]
    builders = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)
    ]
    for builder in builders:
        assert builder.stdin is not None
        builder.stdin.close()
        builder.stdin = None
    for builder in builders:
        _, stderr = builder.communicate(timeout=30)
        assert (builder.returncode, stderr) == (0, b"")
    versions = os.listdir(f"{locations.data_root}/shipped/tiny/versions")
    assert len(versions) == 1


def test_a_data_root_that_cant_be_made_is_said(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    locations = Locations(state_root="/x", data_root=str(tmp_path / "file" / "d"))
    with pytest.raises(TuiContainerError, match="tiny"):
        assemble(str(source), locations)


@pytest.mark.parametrize(("name", "kind"), [("config.json", NotFound), ("manifest.json", NotFound)])
def test_an_incomplete_shipped_bundle_is_refused(
    source: Path, locations: Locations, name: str, kind: type[Exception]
) -> None:
    (source / name).unlink()
    with pytest.raises(kind):
        assemble(str(source), locations)
    assert not Path(locations.data_root).exists()


def test_a_wrong_shipped_configuration_is_refused(source: Path, locations: Locations) -> None:
    (source / "config.json").write_text("{}")
    with pytest.raises(InvalidArgument, match="ociVersion"):
        assemble(str(source), locations)
