"""What `features` tells must be what the other rooms do."""

from __future__ import annotations

import pytest

from tuicontainer.runtime.features import features_document
from tuicontainer.runtime.rootfs.options import parse_options


def test_what_needs_the_hosts_help_is_told_as_implemented() -> None:
    linux = features_document()["linux"]
    assert linux["apparmor"] == linux["selinux"] == {"enabled": True}
    assert linux["intelRdt"] == {"enabled": True, "schemata": True, "monitoring": True}
    assert linux["mountExtensions"] == {"idmap": {"enabled": True}}


@pytest.mark.parametrize("word", features_document()["mountOptions"])
def test_every_mount_option_told_is_understood(word: str) -> None:
    assert parse_options((word,)).data == ()


def test_options_that_other_runtimes_have_are_told() -> None:
    options = set(features_document()["mountOptions"])
    assert {"idmap", "ridmap", "tmpcopyup", "copy-symlink", "src-nofollow", "rro"} <= options


def test_annotations_that_change_what_the_runtime_does_are_named() -> None:
    unsafe = features_document()["potentiallyUnsafeConfigAnnotations"]
    assert unsafe == ["org.systemd.property.", "run.oci."]
