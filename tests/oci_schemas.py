"""The specification's own JSON schemas and samples, in the folder that `OCI_SCHEMA_DIR` names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing

CHECKOUT = Path(__file__).parents[1]
SCHEMAS = Path(os.environ.get("OCI_SCHEMA_DIR") or CHECKOUT.parent / "shared" / "oci-schema")

needs_schemas = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="OCI_SCHEMA_DIR names no folder with the OCI schemas"
)


def samples(document: str, kind: str) -> list[Any]:
    """Return samples as test parameters.

    Args:
        document: `config`, `state` or `features`.
        kind: `good` or `bad`.
    """
    return [
        pytest.param(path, id=path.stem)
        for path in sorted((SCHEMAS / "test" / document / kind).glob("*.json"))
    ]


def validator(document: str) -> jsonschema.Draft4Validator:
    """Return the validator of one kind of document; references lead to the schema's neighbours."""

    def retrieve(uri: str) -> referencing.Resource[Any]:
        text = (SCHEMAS / uri.rpartition("/")[2]).read_text()
        return referencing.Resource.from_contents(
            json.loads(text), default_specification=referencing.jsonschema.DRAFT4
        )

    registry: referencing.Registry[Any] = referencing.Registry(retrieve=retrieve)  # type: ignore[call-arg]
    name = f"{document}-schema.json"
    schema = json.loads((SCHEMAS / name).read_text())
    schema.setdefault("id", f"https://schemas.test/{name}")
    return jsonschema.Draft4Validator(schema, registry=registry)
