"""The published schemas of the command line's JSON, and a check against them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import tuicontainer

FOLDER = Path(tuicontainer.__file__).parent / "cli" / "schemas"

ACTING = ("start", "stop", "restart", "kill", "rm", "prune", "boot", "pause", "resume", "rename")
OF_THEIR_OWN = (
    "ps", "wait", "logs", "events", "stats", "info", "inspect", "doctor", "top", "update",
    "lint",
)  # fmt: skip
SCHEMA_OF_VERB = {
    **dict.fromkeys(ACTING, "ids"),
    **dict.fromkeys(("run", "create"), "made"),
    **dict.fromkeys(("new", "copy"), "bundle"),
    **dict(zip(OF_THEIR_OWN, OF_THEIR_OWN, strict=True)),
}
"""Which schema the output of a verb has; `state` has the OCI specification's."""


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def check(verb: str, document: Any) -> Any:
    """Return *document* if it is as the verb's schema says."""
    if verb in SCHEMA_OF_VERB:
        validator(SCHEMA_OF_VERB[verb]).validate(document)
    return document
