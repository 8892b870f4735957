"""Mount options, from the words of mount(8) to what the kernel's mount API takes.

    attributes     flags of one mount: ro nosuid noatime …, and with `r` before, of a whole tree
    super block    flags of the file system itself: ro sync dirsync lazytime …
    propagation    private shared slave unbindable, and with `r` before, of a whole tree
    data           everything else, for the file system

A bind mount shows a file system that exists already, so super block flags change nothing there, as
in mount(2); data for one is refused by `plan`.
Sources: config.md#mounts "Linux mount options", mount_setattr(2), mount(8), fs/fs_context.c.
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.syscalls import mount as kernel


class Attributes(Record):
    """A change of mount flags as mount_setattr(2) takes it: *clear* first, then *set_*."""

    set_: int = 0
    clear: int = 0

    def __bool__(self) -> bool:
        return bool(self.set_ | self.clear)

    def with_change(self, bits: int, mask: int) -> Attributes:
        """Return what results when *mask*'s bits become *bits*, whatever they were before."""
        return Attributes(set_=self.set_ & ~mask | bits, clear=self.clear | mask)

    def without(self, bits: int) -> Attributes:
        """Return the same change but for *bits*, which it neither sets nor clears."""
        return Attributes(set_=self.set_ & ~bits, clear=self.clear & ~bits)


class MountOptions(Record):
    """The options of one mount."""

    words: tuple[str, ...] = ()
    """As the configuration has them."""
    bind: bool = False
    recursive: bool = False
    """A bind mount copies the mounts below its source too."""
    remount: bool = False
    attributes: Attributes = Attributes()
    tree_attributes: Attributes = Attributes()
    super_block: tuple[str, ...] = ()
    propagation: tuple[tuple[int, bool], ...] = ()
    """MS_… and whether for the whole tree, in the order to be applied."""
    links: tuple[str, ...] = ()
    """Those of `copy-symlink`, `src-nofollow` and `dest-nofollow` that are given."""
    copy_up: bool = False
    """The new file system begins with a copy of what it covers."""
    mapping: str | None = None
    """The `idmap` or `ridmap` option."""
    data: tuple[str, ...] = ()

    @property
    def read_only(self) -> bool:
        """Whether the mount itself is to be read-only."""
        return bool(self.attributes.set_ & kernel.MOUNT_ATTR_RDONLY)

    def writable(self) -> MountOptions:
        """Return the same options without read-only."""
        return self.replace(
            attributes=self.attributes.without(kernel.MOUNT_ATTR_RDONLY),
            super_block=tuple(word for word in self.super_block if word != "ro"),
        )


_RELATIVE = kernel.MOUNT_ATTR_RELATIME
_ATIME = kernel.MOUNT_ATTR__ATIME

# Each word sets the bits of the mask to the value. The access time modes exclude each other and
# share one mask; `norelatime` names no other mode, and relative times are the kernel's default.
_ATTRIBUTES: dict[str, tuple[int, int]] = {
    "ro": (kernel.MOUNT_ATTR_RDONLY, kernel.MOUNT_ATTR_RDONLY),
    "rw": (0, kernel.MOUNT_ATTR_RDONLY),
    "nosuid": (kernel.MOUNT_ATTR_NOSUID, kernel.MOUNT_ATTR_NOSUID),
    "suid": (0, kernel.MOUNT_ATTR_NOSUID),
    "nodev": (kernel.MOUNT_ATTR_NODEV, kernel.MOUNT_ATTR_NODEV),
    "dev": (0, kernel.MOUNT_ATTR_NODEV),
    "noexec": (kernel.MOUNT_ATTR_NOEXEC, kernel.MOUNT_ATTR_NOEXEC),
    "exec": (0, kernel.MOUNT_ATTR_NOEXEC),
    "nosymfollow": (kernel.MOUNT_ATTR_NOSYMFOLLOW, kernel.MOUNT_ATTR_NOSYMFOLLOW),
    "symfollow": (0, kernel.MOUNT_ATTR_NOSYMFOLLOW),
    "nodiratime": (kernel.MOUNT_ATTR_NODIRATIME, kernel.MOUNT_ATTR_NODIRATIME),
    "diratime": (0, kernel.MOUNT_ATTR_NODIRATIME),
    "noatime": (kernel.MOUNT_ATTR_NOATIME, _ATIME),
    "strictatime": (kernel.MOUNT_ATTR_STRICTATIME, _ATIME),
    "relatime": (_RELATIVE, _ATIME),
    "atime": (_RELATIVE, _ATIME),
    "nostrictatime": (_RELATIVE, _ATIME),
    "norelatime": (0, 0),
}
_TREE_ATTRIBUTES = {f"r{word}": change for word, change in _ATTRIBUTES.items() if word != "atime"}
_TREE_ATTRIBUTES["ratime"] = _ATTRIBUTES["atime"]

_SUPER_BLOCK = ("ro", "rw", "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand")
# crun has these for whole trees too; a new file system is its whole tree.
_TREE_SUPER_BLOCK = {f"r{word}": word for word in ("sync", "async", "dirsync", "mand", "nomand")}

_PROPAGATION = {
    "shared": kernel.MS_SHARED,
    "slave": kernel.MS_SLAVE,
    "private": kernel.MS_PRIVATE,
    "unbindable": kernel.MS_UNBINDABLE,
}

# `silent` and `loud` concern messages that the mount API returns to us instead of printing them.
# No file system needs to be asked for `iversion` any more: those that count versions always do.
_WITHOUT_EFFECT = frozenset({"defaults", "silent", "loud", "iversion", "noiversion"})

_MAPPINGS = ("idmap", "ridmap")

_COPY_UP = "tmpcopyup"
COPY_SYMLINK, SRC_NOFOLLOW, DEST_NOFOLLOW = "copy-symlink", "src-nofollow", "dest-nofollow"
_LINKS = (COPY_SYMLINK, SRC_NOFOLLOW, DEST_NOFOLLOW)


def parse_propagation(word: str) -> tuple[int, bool] | None:
    """Return the MS_… bit of a propagation word and whether it is recursive, or None."""
    if word in _PROPAGATION:
        return _PROPAGATION[word], False
    if word.startswith("r") and word[1:] in _PROPAGATION:
        return _PROPAGATION[word[1:]], True
    return None


def has_mapping(words: tuple[str, ...]) -> bool:
    """Tell whether one of the options asks for other owners."""
    return any(word.partition("=")[0] in _MAPPINGS for word in words)


def parse_options(words: tuple[str, ...]) -> MountOptions:
    """Return the meaning of the options; of contradicting words the last one counts."""
    attributes = tree_attributes = Attributes()
    super_block: list[str] = []
    propagation: list[tuple[int, bool]] = []
    mapping: str | None = None
    data: list[str] = []
    for word in words:
        if word in _SUPER_BLOCK:
            super_block.append(word)
        elif word in _TREE_SUPER_BLOCK:
            super_block.append(_TREE_SUPER_BLOCK[word])
            continue
        if word in _ATTRIBUTES:
            attributes = attributes.with_change(*_ATTRIBUTES[word])
        elif word in _TREE_ATTRIBUTES:
            tree_attributes = tree_attributes.with_change(*_TREE_ATTRIBUTES[word])
        elif (mode := parse_propagation(word)) is not None:
            propagation.append(mode)
        elif word.partition("=")[0] in _MAPPINGS:
            mapping = word
        elif word not in _SUPER_BLOCK and word not in _WITHOUT_EFFECT and word not in _KINDS:
            data.append(word)
    return MountOptions(
        words=words,
        bind="bind" in words or "rbind" in words,
        recursive="rbind" in words,
        remount="remount" in words,
        attributes=attributes,
        tree_attributes=tree_attributes,
        super_block=tuple(super_block),
        propagation=tuple(propagation),
        links=tuple(word for word in _LINKS if word in words),
        copy_up=_COPY_UP in words,
        mapping=mapping,
        data=tuple(data),
    )


_KINDS = frozenset({"bind", "rbind", "remount", _COPY_UP, *_LINKS})


def known_words() -> frozenset[str]:
    """Return all options that aren't data for the file system, for the features document."""
    trees = {f"r{word}" for word in _PROPAGATION}
    groups = (_ATTRIBUTES, _TREE_ATTRIBUTES, _SUPER_BLOCK, _PROPAGATION, trees, _WITHOUT_EFFECT)
    return frozenset().union(*groups, _TREE_SUPER_BLOCK, _KINDS, _MAPPINGS)
