"""What the commands really print, against the specification's schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.busybox import STEADY
from tests.kernel.runtime.conftest import ours_only
from tests.oci_schemas import needs_schemas, validator

if TYPE_CHECKING:
    from tests.kernel.runtime.door import Door

pytestmark = [pytest.mark.kernel, needs_schemas, ours_only]


def test_state_in_every_status(door: Door) -> None:
    bundle = door.shell(STEADY, lambda document: document.update(annotations={"a": "b"}))
    container = door.create(bundle)
    schema = validator("state")
    schema.validate(created := door.state(container))
    door.ok("start", container)
    schema.validate(running := door.state(container))
    door.ok("kill", container, "KILL")
    door.await_status(container, "stopped")
    schema.validate(stopped := door.state(container))
    assert [each["status"] for each in (created, running, stopped)] == [
        "created", "running", "stopped"
    ]  # fmt: skip
    assert created["annotations"] == {"a": "b"}


def test_features(door: Door) -> None:
    document = json.loads(door.ok("features"))
    validator("features").validate(document)
    assert {"pid", "user", "mount"} <= set(document["linux"]["namespaces"])


@pytest.mark.parametrize("flags", [(), ("--rootless",)])
def test_spec(door: Door, flags: tuple[str, ...]) -> None:
    folder = door.folder / "bundle"
    folder.mkdir()
    door.ok("spec", "--bundle", str(folder), *flags)
    validator("config").validate(json.loads((folder / "config.json").read_text()))
