"""The published schemas: valid, complete, versioned."""

from __future__ import annotations

import json

import pytest
from jsonschema import ValidationError

from tests.schemas import FOLDER, SCHEMA_OF_VERB, check, validator
from tuicontainer.cli.main import VERBS, find_command
from tuicontainer.engine.fake import FAKE_INFO

NAMES = sorted(path.stem for path in FOLDER.iterdir())


def test_every_verb_with_a_format_has_one() -> None:
    printing = {
        verb
        for verb in VERBS
        if any("--format" in option.names for option in find_command(verb).options)
    }
    assert printing - {"state"} == set(SCHEMA_OF_VERB)
    assert set(SCHEMA_OF_VERB.values()) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_schema_with_a_version(name: str) -> None:
    schema = validator(name).schema
    assert isinstance(schema, dict)
    assert schema["$id"] == f"urn:tuicontainer:{name}:1"
    assert "version 1" in schema["title"]


def test_info_fits() -> None:
    check("info", json.loads(json.dumps(dict(FAKE_INFO.items()))))


def test_they_refuse_what_they_dont_describe() -> None:
    with pytest.raises(ValidationError):
        check("ps", [{"id": "x"}])
    with pytest.raises(ValidationError):
        check("kill", [{"id": "x", "more": 1}])
    with pytest.raises(ValidationError):
        check("kill", [{"id": "a/b"}])
