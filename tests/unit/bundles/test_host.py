"""What is borrowed from hosts of different layouts."""

from __future__ import annotations

import os
from pathlib import Path

from tuicontainer.bundles.host import HostParts, find_host_parts


def make_folders(host: Path, *names: str) -> None:
    for name in names:
        (host / name).mkdir(parents=True)


def test_a_merged_usr_is_linked_to(tmp_path: Path) -> None:
    make_folders(tmp_path, "usr/bin", "usr/lib", "etc/alternatives")
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "lib").symlink_to("/usr/lib")
    (tmp_path / "etc/ld.so.cache").write_text("")
    assert find_host_parts(str(tmp_path)) == HostParts(
        folders=("/usr", "/etc/alternatives"),
        files=("/etc/ld.so.cache",),
        links=(("/bin", "usr/bin"), ("/lib", "/usr/lib")),
        program_folders=(),
    )


def test_folders_beside_usr_are_bound(tmp_path: Path) -> None:
    make_folders(tmp_path, "usr", "bin", "sbin", "lib")
    musl_path = f"etc/ld-musl-{os.uname().machine}.path"
    make_folders(tmp_path, "etc")
    (tmp_path / musl_path).write_text("/lib\n")
    parts = find_host_parts(str(tmp_path))
    assert parts.folders == ("/bin", "/sbin", "/lib", "/usr")
    assert parts.files == (f"/{musl_path}",)
    assert parts.links == ()


def test_a_store_is_bound_and_its_profile_found(tmp_path: Path) -> None:
    make_folders(tmp_path, "usr/bin", "bin", "nix/store/1-path/bin", "run/current-system")
    (tmp_path / "run/current-system/sw").symlink_to("../../nix/store/1-path")
    parts = find_host_parts(str(tmp_path))
    assert "/nix/store" in parts.folders
    assert parts.program_folders == ("/nix/store/1-path/bin",)


def test_a_profile_outside_the_store_is_left(tmp_path: Path) -> None:
    make_folders(tmp_path, "run/current-system/sw/bin")
    assert find_host_parts(str(tmp_path)).program_folders == ()


def test_this_host_has_a_shell() -> None:
    parts = find_host_parts()
    assert "/usr" in parts.folders
    assert "/bin" in parts.folders or "/bin" in dict(parts.links)
