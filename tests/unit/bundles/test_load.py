"""A bundle folder that can't be used is refused with its reason."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuicontainer.bundles.load import load_bundle, parse_json, read_document
from tuicontainer.errors import InvalidArgument, NotFound, Unsupported
from tuicontainer.spec.default import default_document


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "rootfs").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(default_document()))
    return folder


def test_a_sound_bundle_is_loaded(bundle: Path) -> None:
    assert load_bundle(str(bundle)).hostname == "runc"


def test_an_absolute_root_is_found(bundle: Path, tmp_path: Path) -> None:
    document = default_document()
    document["root"]["path"] = str(tmp_path / "elsewhere")
    (bundle / "config.json").write_text(json.dumps(document))
    with pytest.raises(NotFound, match="elsewhere` doesn't exist"):
        load_bundle(str(bundle))
    (tmp_path / "elsewhere").mkdir()
    load_bundle(str(bundle))


def test_a_missing_folder_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing` doesn't exist") as caught:
        load_bundle(str(tmp_path / "nothing"))
    assert "config.json" in caught.value.hint


def test_a_file_is_no_bundle(bundle: Path) -> None:
    with pytest.raises(InvalidArgument, match="isn't a folder"):
        load_bundle(str(bundle / "config.json"))


def test_config_json_must_be_there(bundle: Path) -> None:
    (bundle / "config.json").unlink()
    with pytest.raises(NotFound, match=r"web` has no config\.json"):
        load_bundle(str(bundle))


def test_the_root_filesystem_must_be_there(bundle: Path) -> None:
    (bundle / "rootfs").rmdir()
    with pytest.raises(NotFound, match="rootfs` doesn't exist") as caught:
        load_bundle(str(bundle))
    assert "root.path" in caught.value.hint


def test_the_root_filesystem_must_be_a_folder(bundle: Path) -> None:
    (bundle / "rootfs").rmdir()
    (bundle / "rootfs").write_text("")
    with pytest.raises(InvalidArgument, match="rootfs` isn't a folder"):
        load_bundle(str(bundle))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "isn't JSON: line 1, column 1: expecting value"),
        (b"{]", "isn't JSON: line 1, column 2"),
        (b'{\n "a": 1,\n 2}', "isn't JSON: line 3, column 2"),
        (b"[]", "must be a JSON object"),
        (b'{"a": NaN}', "isn't JSON: `NaN` is no number"),
        (b'{"a": -Infinity}', "isn't JSON: `-Infinity` is no number"),
        (b'{"a": "\xff"}', "isn't UTF-8 at byte 7"),
        (b"\xef\xbb\xbf{}", "isn't JSON"),
        (b'{"a": ' + b"[" * 200_000, "is nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "isn't JSON: "),
    ],
)
def test_broken_json_is_refused_with_the_place(bundle: Path, content: bytes, text: str) -> None:
    (bundle / "config.json").write_bytes(content)
    with pytest.raises(InvalidArgument) as caught:
        read_document(str(bundle))
    assert text in caught.value.message
    assert str(bundle / "config.json") in caught.value.message


def test_a_broken_rule_names_the_bundle(bundle: Path) -> None:
    document = default_document()
    document["linux"]["namespaces"][0]["type"] = "planet"
    (bundle / "config.json").write_text(json.dumps(document))
    with pytest.raises(InvalidArgument) as caught:
        load_bundle(str(bundle))
    assert caught.value.message.startswith(f"bundle `{bundle}`: config.json: ")
    assert "`linux.namespaces[0].type` is `planet`" in caught.value.message


def test_an_unsupported_feature_keeps_its_kind(bundle: Path) -> None:
    document = default_document()
    document["vm"] = {}
    (bundle / "config.json").write_text(json.dumps(document))
    with pytest.raises(Unsupported, match="`vm`"):
        load_bundle(str(bundle))


@pytest.mark.parametrize("kind", ["fifo", "folder", "device"])
def test_config_json_must_be_a_regular_file(bundle: Path, kind: str) -> None:
    config = bundle / "config.json"
    config.unlink()
    if kind == "fifo":
        os.mkfifo(config)
    elif kind == "folder":
        config.mkdir()
    else:
        config.symlink_to("/dev/zero")
    with pytest.raises(InvalidArgument, match="isn't a regular file"):
        load_bundle(str(bundle))


def test_a_huge_config_json_is_not_read(bundle: Path) -> None:
    with (bundle / "config.json").open("wb") as file:
        file.truncate(17 * 2**20)
    with pytest.raises(InvalidArgument, match="is larger than 16777216 bytes"):
        load_bundle(str(bundle))


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_an_object_or_refused(content: bytes) -> None:
    with contextlib.suppress(InvalidArgument):
        assert isinstance(parse_json("config.json", content), dict)
