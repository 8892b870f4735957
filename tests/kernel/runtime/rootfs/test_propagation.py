"""What reaches the host and what doesn't, on a pretended host of which everything is shared."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.rootfs.container import by_point, in_child, mount_lines, rival
from tuicontainer.syscalls import mount as kernel
from tuicontainer.syscalls.namespaces import CLONE_NEWNS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kernel.runtime.rootfs.container import Container

pytestmark = pytest.mark.kernel


def mount_tmpfs(path: Path) -> None:
    context = kernel.fsopen("tmpfs")
    kernel.fsconfig_create(context)
    mount, place = kernel.fsmount(context, 0), os.open(path, os.O_PATH)
    kernel.move_mount(mount, place)
    for fd in (context, mount, place):
        os.close(fd)


def on_shared_host(act: Callable[[], Any]) -> Any:
    """Return what *act* returns in a mount namespace of its own with all mounts shared."""

    def inside(wait: Callable[[], None]) -> Any:
        wait()
        root = os.open("/", os.O_PATH)
        kernel.mount_setattr(root, propagation=kernel.MS_PRIVATE, recursive=True)
        kernel.mount_setattr(root, propagation=kernel.MS_SHARED, recursive=True)
        os.close(root)
        return act()

    return in_child(CLONE_NEWNS, inside, lambda _: None)


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    folder = tmp_path / "volume"
    (folder / "sub").mkdir(parents=True)
    (folder / "later").mkdir()
    return folder


@pytest.fixture(autouse=True)
def basic(container: Container, volume: Path) -> None:
    container.proc()
    container.mount("/dev", "tmpfs")
    container.mount("/volume", "", "rbind", source=str(volume))
    container.mount("/volume/sub", "tmpfs")
    container.linux["maskedPaths"] = ["/proc/keys"]
    container.read_only = True


@pytest.mark.parametrize("word", [None, "private", "rprivate", "rslave", "unbindable"])
@pytest.mark.parametrize("no_pivot", [False, True])
def test_nothing_reaches_the_host(
    container: Container, word: str | None, *, no_pivot: bool
) -> None:
    container.no_pivot = no_pivot
    if word in ("private", "unbindable"):
        # Only the mount on `/` is meant; what lies below is as shared as the host has it.
        container.mounts[2]["options"].append("rprivate")
    if word:
        container.linux["rootfsPropagation"] = word

    def act() -> list[str]:
        before = mount_lines()
        container.run()
        return [before, mount_lines()]

    before, after = on_shared_host(act)
    assert before == after


@pytest.mark.parametrize("word", ["shared", "rshared"])
@pytest.mark.parametrize("root_is_mount", [False, True])
def test_a_shared_root_lets_shared_volumes_reach_the_host_and_nothing_else(
    container: Container, volume: Path, word: str, *, root_is_mount: bool
) -> None:
    container.mounts[2]["options"].append("rshared")
    container.linux["rootfsPropagation"] = word

    def act() -> list[Any]:
        mount_tmpfs(volume)
        (volume / "sub").mkdir()
        if root_is_mount:
            mount_tmpfs(container.root)
        before = mount_lines()
        inside = container.run(mount_lines)
        return [before, mount_lines(), inside]

    before, after, inside = on_shared_host(act)
    assert set(by_point(after)) - set(by_point(before)) == {str(volume / "sub")}
    assert by_point(inside)["/"].shared
    assert by_point(inside)["/volume"].shared


def test_a_slave_volume_gets_what_the_host_mounts_later(container: Container, volume: Path) -> None:
    container.mounts[2]["options"].append("rslave")

    def act() -> Any:
        mount_tmpfs(volume)
        (volume / "sub").mkdir()
        (volume / "later").mkdir()
        with rival(lambda: mount_tmpfs(volume / "later")) as trigger:
            container.after_build = trigger
            return container.run(mount_lines)

    assert "/volume/later" in by_point(on_shared_host(act))


@pytest.mark.parametrize(
    ("word", "propagation"),
    [
        (None, "master"),
        ("private", ""),
        ("rprivate", ""),
        ("slave", "master"),
        ("rslave", "master"),
        ("unbindable", "unbindable"),
        ("runbindable", "unbindable"),
    ],
)
def test_the_root_spreads_mounts_as_asked_for(
    container: Container, word: str | None, propagation: str
) -> None:
    container.linux["rootfsPropagation"] = word

    def act() -> Any:
        mount_tmpfs(container.root)
        return container.run(mount_lines)

    root = by_point(on_shared_host(act))["/"]
    assert ",".join(field.partition(":")[0] for field in root.propagation) == propagation
