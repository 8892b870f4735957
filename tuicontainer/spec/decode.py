"""Turns a parsed config.json into checked records.

The parts are split by subject: `decode_process`, `decode_mounts`, `decode_hooks`, `decode_linux`
and `decode_resources` check each field by itself, `validate` checks fields against each other,
and `platforms` refuses what is written for another system than Linux. Properties that the
specification doesn't know are ignored, as it demands.
Source: opencontainers/runtime-spec 1.3.0, config.md.
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument, Unsupported
from tuicontainer.spec.config import Config, Hooks, Linux, Root
from tuicontainer.spec.decode_hooks import decode_hooks
from tuicontainer.spec.decode_linux import decode_linux
from tuicontainer.spec.decode_mounts import decode_mounts
from tuicontainer.spec.decode_process import decode_process
from tuicontainer.spec.fields import Fields, refuse
from tuicontainer.spec.platforms import refuse_other_platforms
from tuicontainer.spec.semver import parse_version
from tuicontainer.spec.validate import validate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAJOR = 1
_EXTENSIONS = "run.oci."
"""How annotations begin that may stand for fields (see `annotations`)."""
_HOST_NAME_MAX = 64
"""Bytes; sethostname(2) and setdomainname(2)."""


def decode_config(document: dict[str, Any]) -> Config:
    """Return the records that a config.json holds.

    Args:
        document: the parsed JSON. It isn't changed, and is kept as `Config.document`, with the
            fields that annotations stand for.

    Raises:
        InvalidArgument: a value breaks a rule; names the JSON path, the value and the rule.
        Unsupported: the configuration is legal, but asks for what this version doesn't do; names
            all such fields.
    """
    annotations = Fields(document).text_map("annotations")
    extended = any(name.startswith(_EXTENSIONS) for name in annotations)
    if extended:
        from tuicontainer.spec.annotations import with_annotated_fields

        document = with_annotated_fields(document)
    fields = Fields(document)
    version = _version(fields)
    refuse_other_platforms(fields)
    process = fields.object("process")
    hooks = fields.object("hooks")
    linux = fields.object("linux")
    config = Config(
        oci_version=version,
        root=_root(fields),
        mounts=decode_mounts(fields),
        process=None if process is None else decode_process(process),
        hostname=_host_name(fields, "hostname"),
        domainname=_host_name(fields, "domainname"),
        hooks=Hooks() if hooks is None else decode_hooks(hooks),
        annotations=annotations,
        linux=Linux() if linux is None else decode_linux(linux),
        document=document,
    )
    if extended:
        from tuicontainer.spec.annotations import with_annotated_records

        config = with_annotated_records(config)
    validate(config)
    return config


def _version(fields: Fields) -> str:
    text = fields.need_text("ociVersion")
    version = parse_version(text)
    if version is None:
        raise refuse("ociVersion", text, "must be a version by SemVer 2.0, such as `1.0.2`")
    if version[0] != _MAJOR:
        raise Unsupported(
            f"`ociVersion` is `{text}`: only major version {_MAJOR} is known",
            hint="write the configuration anew for version 1 of the OCI runtime specification",
        )
    return text


def _root(fields: Fields) -> Root:
    root = fields.object("root")
    if root is None:
        raise InvalidArgument("`root` is missing: it is required")
    return Root(path=root.need_text("path"), readonly=root.flag("readonly") or False)


def _host_name(fields: Fields, name: str) -> str | None:
    value = fields.text(name)
    if value is not None and len(value.encode(errors="surrogateescape")) > _HOST_NAME_MAX:
        raise refuse(name, value, f"must not be longer than {_HOST_NAME_MAX} bytes")
    return value
