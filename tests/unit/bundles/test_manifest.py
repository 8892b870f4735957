"""manifest.json of shipped bundles."""

from __future__ import annotations

from typing import Any

import pytest

from tuicontainer.bundles.manifest import Manifest, ManifestFile, decode_manifest
from tuicontainer.errors import InvalidArgument


def test_files_and_shared_folders_are_read() -> None:
    document = {
        "files": {"rootfs/bundle/a.sh": {"source": "a.sh", "mode": "0755"}},
        "shared": ["trace"],
    }
    assert decode_manifest(document) == Manifest(
        files=(ManifestFile(path="rootfs/bundle/a.sh", source="a.sh", mode=0o755),),
        shared=("trace",),
    )
    assert decode_manifest({}) == Manifest()


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"files": []}, "`files` is a list: must be an object"),
        ({"files": {"a": {"mode": "0644"}}}, "`files.a.source` is missing"),
        ({"files": {"a": {"source": "a"}}}, "`files.a.mode` is missing"),
        ({"files": {"a": {"source": "a", "mode": "4755"}}}, "must be one of 0644, 0755"),
        ({"files": {"../a": {"source": "a", "mode": "0644"}}}, "must be a plain relative path"),
        ({"files": {"a": {"source": "/etc/shadow", "mode": "0644"}}}, "plain relative path"),
        ({"files": {"a": {"source": "b/../../c", "mode": "0644"}}}, "plain relative path"),
        ({"shared": ["a//b"]}, "`shared` is `a//b`: must be a plain relative path"),
    ],
)
def test_a_broken_manifest_is_refused(document: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        decode_manifest(document)
    assert text in caught.value.message
