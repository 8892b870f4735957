"""`linux.intelRdt`: which share of the caches and the memory's bandwidth a container gets.

Few hosts have this, so these rules are imported only where a bundle asks for it.
Source: config-linux.md#intelrdt.
"""

from __future__ import annotations

from tuicontainer.record import Record
from tuicontainer.spec.fields import refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.spec.fields import Fields

DEFAULT_CLASS = "/"
"""The class of service that every process of the host begins in."""
RESERVED_NAMES = ("info", "mon_data", "mon_groups")
"""Folders of the resctrl file system that are no class of service."""
_BANDWIDTH = "MB:"


class IntelRdt(Record):
    """A class of service and what it may use."""

    clos_id: str | None = None
    """Name of the class; None for one of the container's own."""
    l3_cache_schema: str | None = None
    mem_bw_schema: str | None = None
    schemata: tuple[str, ...] = ()
    enable_monitoring: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """All that is to be written, one resource a line, in this order."""
        cache = (self.l3_cache_schema or "").splitlines()
        if self.mem_bw_schema is not None:
            # The field of its own wins over such a line among the caches.
            cache = [line for line in cache if not line.startswith(_BANDWIDTH)]
        bandwidth = () if self.mem_bw_schema is None else (self.mem_bw_schema,)
        return (*filter(None, cache), *bandwidth, *self.schemata)


def decode_intel_rdt(fields: Fields) -> IntelRdt:
    """Return the class of service.

    Raises:
        InvalidArgument: a field breaks its rule.
    """
    return IntelRdt(
        clos_id=_class(fields),
        l3_cache_schema=fields.text("l3CacheSchema"),
        mem_bw_schema=_bandwidth(fields),
        schemata=_schemata(fields),
        enable_monitoring=fields.flag("enableMonitoring") or False,
    )


def _class(fields: Fields) -> str | None:
    name = fields.line("closID")
    if name is None or name == DEFAULT_CLASS:
        return name
    if "/" in name or name in (".", "..", *RESERVED_NAMES):
        raise refuse(fields.at("closID"), name, "must be the name of a class of service, or `/`")
    return name


def _bandwidth(fields: Fields) -> str | None:
    schema = fields.line("memBwSchema")
    if schema is not None and not schema.startswith(_BANDWIDTH):
        raise refuse(fields.at("memBwSchema"), schema, f"must begin with `{_BANDWIDTH}`")
    return schema


def _schemata(fields: Fields) -> tuple[str, ...]:
    schemata = fields.texts("schemata")
    for index, schema in enumerate(schemata):
        if not schema or "\n" in schema:
            raise refuse(f"{fields.at('schemata')}[{index}]", schema, "must be one line")
    return schemata
