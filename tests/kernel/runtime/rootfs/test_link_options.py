"""Mount options about symbolic links as such: copy-symlink, src-nofollow, dest-nofollow."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.runtime.rootfs.container import attempt, read
from tuicontainer.errors import AlreadyExists, InvalidArgument, NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernel.runtime.rootfs.container import Container

pytestmark = pytest.mark.kernel


@pytest.fixture
def link(tmp_path: Path) -> str:
    """A link of the host's to a file that only the host has."""
    (tmp_path / "target").write_text("the host's")
    os.symlink(tmp_path / "target", tmp_path / "link")
    return str(tmp_path / "link")


def test_a_link_is_copied(container: Container, link: str) -> None:
    container.mount("/a/link", "", "bind", "copy-symlink", source=link)
    look = container.run(lambda: [os.readlink("/a/link"), attempt(read, "/a/link")])
    assert look == [os.readlink(link), "ENOENT"]


def test_the_same_link_may_be_there(container: Container, link: str) -> None:
    os.symlink(os.readlink(link), container.root / "link")
    container.mount("/link", "", "bind", "copy-symlink", source=link)
    assert container.run(lambda: os.path.islink("/link")) is True


@pytest.mark.parametrize("other", ["file", "link"])
def test_something_else_may_not(container: Container, link: str, other: str) -> None:
    if other == "file":
        (container.root / "link").write_text("kept")
    else:
        os.symlink("/elsewhere", container.root / "link")
    container.mount("/link", "", "bind", "copy-symlink", source=link)
    with pytest.raises(AlreadyExists, match="isn't a link to"):
        container.run()


def test_what_is_no_link_is_bound(container: Container, link: str) -> None:
    container.mount("/file", "", "bind", "copy-symlink", source=os.readlink(link))
    assert container.run(lambda: read("/file")) == "the host's"


def test_a_missing_source_is_named(container: Container, tmp_path: Path) -> None:
    container.mount("/x", "", "bind", "copy-symlink", source=str(tmp_path / "missing"))
    with pytest.raises(NotFound, match="missing"):
        container.run()


def test_a_link_itself_is_bound(container: Container, link: str) -> None:
    container.mount("/link", "", "bind", "src-nofollow", source=link)
    assert container.run(lambda: os.readlink("/link")) == os.readlink(link)
    assert not os.path.islink(container.root / "link")


def test_a_link_itself_is_covered(container: Container, link: str) -> None:
    (container.root / "kept").write_text("kept")
    os.symlink("kept", container.root / "place")
    container.mount("/place", "", "bind", "dest-nofollow", source=os.readlink(link))

    def look() -> list[Any]:
        return [os.path.islink("/place"), read("/place"), read("/kept")]

    assert container.run(look) == [False, "the host's", "kept"]


def test_both_at_once(container: Container, link: str) -> None:
    os.symlink("kept", container.root / "place")
    container.mount("/place", "", "bind", "src-nofollow", "dest-nofollow", source=link)
    assert container.run(lambda: os.readlink("/place")) == os.readlink(link)


def test_no_link_of_procfs_is_covered(container: Container, link: str) -> None:
    """By a link in the root filesystem that leads there (CVE-2019-16884)."""
    os.symlink("/proc", container.root / "way")
    container.proc()
    source = os.readlink(link)
    container.mount("/way/self", "", "bind", "dest-nofollow", source=source)
    with pytest.raises(InvalidArgument, match="procfs"):
        container.run()
