"""JSON documents and facts about bundles as lines. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tuicontainer.bundles.views import BundleView
from tuicontainer.tui.quantities import cores, plural, size
from tuicontainer.tui.spans import Line, Span, printable, wrapped

_TOKEN = re.compile(
    r'(?P<name>"(?:[^"\\]|\\.)*")(?=:)'
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>true|false|null)"
    r"|(?P<dim>[\[\]{}:,]+)"
    r"|(?P<text>\s+)"
)


def json_lines(document: Mapping[str, Any]) -> list[Line]:
    """Return a document as indented, coloured JSON."""
    text = json.dumps(document, indent=2, ensure_ascii=False, default=_plain)
    return [json_line(line) for line in text.split("\n")]


def json_line(line: str) -> Line:
    """Return one line of JSON with the tones of names, strings, numbers and words."""
    spans: list[Span] = []
    position = 0
    for match in _TOKEN.finditer(line):
        if match.start() > position:
            spans.append((printable(line[position : match.start()]), "text"))
        spans.append((printable(match.group()), match.lastgroup or "text"))
        position = match.end()
    if position < len(line):
        spans.append((printable(line[position:]), "text"))
    return tuple(spans)


def bundle_lines(bundle: BundleView, width: int) -> list[Line]:
    """Return what a person wants to know before starting a bundle."""
    lines: list[Line] = []
    if bundle.problem:
        lines += [((text, "bad"),) for text in wrapped(f"! {bundle.problem}", width)]
        lines += [((text, "dim"),) for text in wrapped(bundle.hint, width)]
        lines.append(())
    if bundle.description:
        lines += [((text, "strong"),) for text in wrapped(printable(bundle.description), width)]
        lines.append(())
    for name, value in _facts(bundle):
        first, *others = wrapped(printable(value), max(8, width - 12)) or [""]
        lines.append(((f"{name:<12}", "dim"), (first, "text")))
        lines += [((" " * 12, "dim"), (other, "text")) for other in others]
    if not bundle.problem:
        lines += [
            (),
            (("s", "key"), (" starts it   ", "dim"), ("S", "key"), (" with options", "dim")),
        ]
    return lines


def _facts(bundle: BundleView) -> list[tuple[str, str]]:
    limits = []
    if bundle.cpus is not None:
        limits.append(f"{cores(bundle.cpus)} core" + ("" if bundle.cpus <= 1 else "s"))
    if bundle.memory_limit is not None:
        limits.append(f"{size(bundle.memory_limit)} of memory")
    if bundle.pids_limit is not None:
        limits.append(plural(bundle.pids_limit, "process").replace("processs", "processes"))
    facts = [
        ("command", " ".join(bundle.args)),
        ("limits", ", ".join(limits) or "none"),
        ("namespaces", " ".join(bundle.namespaces) or "none of its own"),
        ("terminal", "yes" if bundle.terminal else "no"),
        ("hooks", str(bundle.hooks or "none")),
        ("from", "shipped with tuicontainer" if bundle.shipped else "a folder of yours"),
        ("folder", bundle.path),
    ]
    return [(name, value) for name, value in facts if value]


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)
