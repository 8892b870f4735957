"""Mount options by tables, and that no list of words is lost or misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.runtime.rootfs.options import (
    Attributes,
    MountOptions,
    parse_options,
    parse_propagation,
)
from tuicontainer.syscalls import mount as kernel


def words(text: str) -> list[str]:
    return text.split()


MUST = words(
    "async atime bind defaults dev diratime dirsync exec iversion lazytime loud noatime nodev "
    "nodiratime noexec noiversion nolazytime norelatime nostrictatime nosuid private rbind "
    "relatime remount ro rprivate rshared rslave runbindable rw shared silent slave strictatime "
    "suid sync unbindable"
)
"""All that config.md says a runtime MUST know."""

SHOULD = words(
    "nosymfollow symfollow ratime rdev rdiratime rexec rnoatime rnodiratime rnodev rnoexec "
    "rnorelatime rnostrictatime rnosuid rnosymfollow rrelatime rro rrw rstrictatime rsuid "
    "rsymfollow"
)
"""All that it SHOULD know, but for the mappings."""


@pytest.mark.parametrize("word", [*MUST, *SHOULD])
def test_every_option_of_the_specification_is_known(word: str) -> None:
    assert parse_options((word,)).data == ()


@pytest.mark.parametrize(
    ("text", "set_", "clear"),
    [
        ("ro", kernel.MOUNT_ATTR_RDONLY, kernel.MOUNT_ATTR_RDONLY),
        ("rw", 0, kernel.MOUNT_ATTR_RDONLY),
        ("ro rw", 0, kernel.MOUNT_ATTR_RDONLY),
        ("rw ro", kernel.MOUNT_ATTR_RDONLY, kernel.MOUNT_ATTR_RDONLY),
        ("nosuid nodev", 6, 6),
        ("nosuid suid nodev", 4, 6),
        ("noexec exec", 0, kernel.MOUNT_ATTR_NOEXEC),
        ("noatime", kernel.MOUNT_ATTR_NOATIME, kernel.MOUNT_ATTR__ATIME),
        ("strictatime", kernel.MOUNT_ATTR_STRICTATIME, kernel.MOUNT_ATTR__ATIME),
        ("noatime strictatime", kernel.MOUNT_ATTR_STRICTATIME, kernel.MOUNT_ATTR__ATIME),
        ("strictatime nostrictatime", 0, kernel.MOUNT_ATTR__ATIME),
        ("noatime atime", 0, kernel.MOUNT_ATTR__ATIME),
        ("noatime relatime", 0, kernel.MOUNT_ATTR__ATIME),
        ("noatime norelatime", kernel.MOUNT_ATTR_NOATIME, kernel.MOUNT_ATTR__ATIME),
        ("nodiratime diratime", 0, kernel.MOUNT_ATTR_NODIRATIME),
        ("nosymfollow", kernel.MOUNT_ATTR_NOSYMFOLLOW, kernel.MOUNT_ATTR_NOSYMFOLLOW),
        ("defaults silent loud iversion noiversion sync lazytime", 0, 0),
    ],
)
def test_mount_flags(text: str, set_: int, clear: int) -> None:
    assert parse_options(tuple(text.split())).attributes == Attributes(set_=set_, clear=clear)


def test_flags_with_r_before_concern_the_whole_tree() -> None:
    options = parse_options(("rbind", "nosuid", "rro", "rnoatime"))
    assert options.attributes == Attributes(
        set_=kernel.MOUNT_ATTR_NOSUID, clear=kernel.MOUNT_ATTR_NOSUID
    )
    assert options.tree_attributes == Attributes(
        set_=kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOATIME,
        clear=kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR__ATIME,
    )


def test_words_of_the_super_block_keep_their_order() -> None:
    options = parse_options(("sync", "lazytime", "async", "ro", "dirsync"))
    assert options.super_block == ("sync", "lazytime", "async", "ro", "dirsync")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("private", (kernel.MS_PRIVATE, False)),
        ("rprivate", (kernel.MS_PRIVATE, True)),
        ("shared", (kernel.MS_SHARED, False)),
        ("rshared", (kernel.MS_SHARED, True)),
        ("slave", (kernel.MS_SLAVE, False)),
        ("rslave", (kernel.MS_SLAVE, True)),
        ("unbindable", (kernel.MS_UNBINDABLE, False)),
        ("runbindable", (kernel.MS_UNBINDABLE, True)),
        ("ro", None),
        ("r", None),
    ],
)
def test_propagation_words(word: str, expected: tuple[int, bool] | None) -> None:
    assert parse_propagation(word) == expected


def test_propagations_are_applied_in_order() -> None:
    assert parse_options(("rslave", "ro", "shared")).propagation == (
        (kernel.MS_SLAVE, True),
        (kernel.MS_SHARED, False),
    )


def test_unknown_words_are_data_of_the_file_system() -> None:
    options = parse_options(("nosuid", "mode=755", "size=64k", "inode64", "ratime=1"))
    assert options.data == ("mode=755", "size=64k", "inode64", "ratime=1")


@pytest.mark.parametrize("word", ["idmap", "ridmap", "idmap=uids=0-1-1;gids=0-1-1"])
def test_the_mapping_is_kept_and_is_no_data(word: str) -> None:
    options = parse_options(("bind", word))
    assert (options.mapping, options.data) == (word, ())


def test_copying_up_is_no_data() -> None:
    options = parse_options(("tmpcopyup", "size=1m"))
    assert (options.copy_up, options.data) == (True, ("size=1m",))


def test_writable_takes_away_nothing_but_read_only() -> None:
    options = parse_options(("nosuid", "ro", "sync", "mode=755"))
    assert options.read_only
    writable = options.writable()
    assert not writable.read_only
    assert writable.attributes.set_ == kernel.MOUNT_ATTR_NOSUID
    assert writable.super_block == ("sync",)
    assert writable.data == ("mode=755",)


@given(st.lists(st.sampled_from([*MUST, *SHOULD, "mode=755", "x", "upperdir=/a=b"])))
def test_any_list_of_options_reads_the_same_way(given_words: list[str]) -> None:
    options = parse_options(tuple(given_words))
    assert options == parse_options(tuple(given_words))
    assert options.data == tuple(word for word in given_words if word not in (*MUST, *SHOULD))
    assert options.bind == bool({"bind", "rbind"} & set(given_words))
    for attributes in (options.attributes, options.tree_attributes):
        # The kernel refuses access times that are set without clearing the old ones first.
        assert attributes.set_ & ~attributes.clear == 0
        if attributes.set_ & kernel.MOUNT_ATTR__ATIME:
            assert attributes.clear & kernel.MOUNT_ATTR__ATIME == kernel.MOUNT_ATTR__ATIME
    last = [word for word in given_words if word in ("ro", "rw")][-1:]
    assert options.read_only == (last == ["ro"])


@given(st.text())
def test_any_word_is_data_or_known(word: str) -> None:
    options = parse_options((word,))
    known = options.replace(words=()) != MountOptions()
    assert known or word in {
        "defaults",
        "silent",
        "loud",
        "iversion",
        "noiversion",
        "norelatime",
        "rnorelatime",
    }
