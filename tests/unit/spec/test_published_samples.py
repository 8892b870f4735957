"""The specification's own samples and schemas, read from the folder `OCI_SCHEMA_DIR` names."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.oci_schemas import SCHEMAS, needs_schemas, samples, validator
from tuicontainer.errors import InvalidArgument, TuiContainerError, Unsupported
from tuicontainer.runtime.features import features_document
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.default import default_document
from tuicontainer.spec.state import state_document

if TYPE_CHECKING:
    from tuicontainer.spec.state import Status

pytestmark = needs_schemas


@pytest.mark.parametrize("path", samples("config", "good"))
def test_good_configurations_are_accepted_or_unsupported(path: Path) -> None:
    document = json.loads(path.read_text())
    try:
        decode_config(document)
    except Unsupported as error:
        named = error.message
    else:
        return
    top, *_ = named.partition("`")[2].partition("`")[0].split(".")
    assert top in {*document, "linux"}, "names the feature"


@pytest.mark.parametrize("path", samples("config", "good"))
def test_good_configurations_are_accepted_without_their_unsupported_parts(path: Path) -> None:
    document = json.loads(path.read_text())
    document["ociVersion"] = "1.0.0"
    for name in ("freebsd", "solaris", "vm", "windows", "zos"):
        document.pop(name, None)
    linux = document.setdefault("linux", {})
    # Samples of other platforms have no namespaces for their mounts and host name.
    linux.setdefault("namespaces", [{"type": "mount"}, {"type": "uts"}])
    config = decode_config(document)
    assert config.root.path == document["root"]["path"]


@pytest.mark.parametrize("path", samples("config", "bad"))
def test_bad_configurations_are_refused(path: Path) -> None:
    try:
        document = json.loads(path.read_text())
    except ValueError:
        return
    with pytest.raises(TuiContainerError):
        decode_config(document)


@pytest.mark.parametrize("document", ["config", "state", "features"])
def test_the_schemas_tell_good_samples_from_bad_ones(document: str) -> None:
    """The judge of what follows is one: both kinds are there, and it tells them apart."""
    good, bad = samples(document, "good"), samples(document, "bad")
    assert good
    assert bad
    for parameter in good:
        validator(document).validate(json.loads(parameter.values[0].read_text()))
    for parameter in bad:
        with pytest.raises((jsonschema.ValidationError, ValueError)):
            validator(document).validate(json.loads(parameter.values[0].read_text()))


def test_the_features_document_fits_the_schema() -> None:
    validator("features").validate(features_document())


def test_the_bad_page_size_is_the_fault_that_is_named() -> None:
    path = SCHEMAS / "test" / "config" / "bad" / "linux-hugepage.json"
    with pytest.raises(InvalidArgument, match="pageSize` is `64kB`"):
        decode_config(json.loads(path.read_text()))


def test_the_default_configuration_fits_the_schema() -> None:
    validator("config").validate(default_document())


@pytest.mark.parametrize("status", ["creating", "created", "running", "paused", "stopped"])
@pytest.mark.parametrize("annotations", [{}, {"a": "b"}])
def test_state_documents_fit_the_schema(status: Status, annotations: dict[str, str]) -> None:
    document = state_document(
        container_id="web-1", status=status, pid=5, bundle="/b", annotations=annotations
    )
    validator("state").validate(document)
    assert document["status"] == ("running" if status == "paused" else status)
    assert document.get("annotations", {}) == annotations


def test_the_schema_refuses_what_is_no_state() -> None:
    with pytest.raises(jsonschema.ValidationError):
        validator("state").validate({"ociVersion": "1.0.0", "id": "x"})


@pytest.mark.skipif(shutil.which("runc") is None, reason="runc isn't installed")
def test_the_default_configuration_is_what_runc_writes(tmp_path: Path) -> None:
    version = subprocess.run(["runc", "--version"], capture_output=True, text=True, check=True)
    if not version.stdout.startswith("runc version 1.1."):
        pytest.skip(f"another default: {version.stdout.splitlines()[0]}")
    subprocess.run(["runc", "spec"], cwd=tmp_path, check=True)
    written = (tmp_path / "config.json").read_text()
    assert json.dumps(default_document(), indent="\t") == written
