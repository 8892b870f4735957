"""Properties of the unit that a configuration sets by annotations. Pure.

`org.systemd.property.NAME` has the value as GVariant text. Engines copy annotations out of images
and pod descriptions, so whoever writes an image writes these (GO-2024-2791): a free choice would
let an image start units (`Wants`, `OnFailure`), reboot the host (`FailureAction`), leave its slice
or lift its limits. Only the names below are taken, each with its one type; they decide about the
end and the order of this unit and about nothing else. Any other is refused, not ignored: somebody
wanted something, and gets to know.
Sources: runc docs/systemd.md, "Auxiliary properties"; GVariant text format; systemd.scope(5),
systemd.kill(5), systemd.unit(5).
"""

from __future__ import annotations

from tuicontainer.errors import InvalidArgument
from tuicontainer.runtime.cgroups.systemd.dbus.wire import Variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "org.systemd.property."
ALLOWED = {
    "After": "as",
    "Before": "as",
    "CollectMode": "s",
    "DefaultDependencies": "b",
    "Description": "s",
    "Documentation": "as",
    "FinalKillSignal": "i",
    "KillMode": "s",
    "KillSignal": "i",
    "RuntimeMaxUSec": "t",
    "SendSIGHUP": "b",
    "SendSIGKILL": "b",
    "TimeoutStopUSec": "t",
}
"""Names and types."""
LONGEST = 4096
"""Characters of a value."""

_TYPE_WORDS = {"i": "int32", "t": "uint64"}
_RANGES = {"i": (-(2**31), 2**31 - 1), "t": (0, 2**64 - 1)}
_ESCAPES = {"\\": "\\", "'": "'", '"': '"'}
MICROSECONDS = 1_000_000


def annotation_properties(annotations: Mapping[str, str]) -> dict[str, Variant]:
    """Return the properties that the annotations set.

    `…Sec`, which systemd knows in unit files only, becomes `…USec`: seconds, or a fraction.

    Raises:
        InvalidArgument: a property isn't one of those allowed, or its value isn't of its type.
    """
    properties = {}
    for key, text in annotations.items():
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX)
        in_seconds = name.endswith("Sec") and not name.endswith("USec")
        if in_seconds:
            name = f"{name.removesuffix('Sec')}USec"
        signature = ALLOWED.get(name)
        if signature is None:
            raise InvalidArgument(
                f"annotation `{key}` isn't allowed: it would change more than how the unit ends",
                hint=f"allowed are {', '.join(ALLOWED)}",
            )
        try:
            value = _seconds(text) if in_seconds else parse_gvariant(signature, text)
        except ValueError as error:
            raise InvalidArgument(f"annotation `{key}` is `{text[:80]}`: {error}") from error
        properties[name] = Variant(signature=signature, value=value)
    return properties


def parse_gvariant(signature: str, text: str) -> object:
    """Return a value of type b, s, i, t or as, written in GVariant text.

    Raises:
        ValueError: it isn't one.
    """
    text = text.strip()
    # The property is written into a unit file, where a newline would begin another setting.
    if len(text) > LONGEST or not text.isprintable():
        raise ValueError("must be one line of moderate length")
    if signature == "b":
        if text not in {"true", "false"}:
            raise ValueError("must be `true` or `false`")
        return text == "true"
    if signature == "s":
        value, rest = _take_string(text)
        if rest:
            raise ValueError("something follows the string")
        return value
    if signature == "as":
        return _strings(text)
    return _integer(signature, text)


def _integer(signature: str, text: str) -> int:
    digits = text.removeprefix(f"{_TYPE_WORDS[signature]} ").strip()
    unsigned = digits.removeprefix("-")
    if not (unsigned.isascii() and unsigned.isdigit() and len(unsigned) <= 20):
        raise ValueError(f"must be a number, as in `{_TYPE_WORDS[signature]} 5`")
    least, most = _RANGES[signature]
    if not least <= int(digits) <= most:
        raise ValueError(f"must be from {least} to {most}")
    return int(digits)


def _seconds(text: str) -> int:
    """Return microseconds."""
    digits = text.strip()
    for word in ("uint64 ", "int64 ", "uint32 ", "int32 ", "double "):
        digits = digits.removeprefix(word)
    whole, _, fraction = digits.strip().partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 12) or (
        fraction and not (fraction.isascii() and fraction.isdigit())
    ):
        raise ValueError("must be a number of seconds")
    return int(whole) * MICROSECONDS + int(fraction[:6].ljust(6, "0"))


def _strings(text: str) -> list[str]:
    if text[:1] != "[" or text[-1:] != "]":
        raise ValueError("must be a list, as in `['a', 'b']`")
    rest = text[1:-1].strip()
    values = []
    while rest:
        value, rest = _take_string(rest)
        values.append(value)
        if rest and rest[0] != ",":
            raise ValueError("strings must be separated by commas")
        rest = rest[1:].lstrip()
    return values


def _take_string(text: str) -> tuple[str, str]:
    """Return the quoted string at the beginning, and what follows it."""
    quote = text[:1]
    if quote not in {"'", '"'}:
        raise ValueError("must be a string in quotes")
    letters: list[str] = []
    position = 1
    while position < len(text):
        letter = text[position]
        if letter == quote:
            return "".join(letters), text[position + 1 :].lstrip()
        if letter == "\\":
            position += 1
            letter = _ESCAPES.get(text[position : position + 1], "")
            if not letter:
                raise ValueError("has an unknown escape")
        letters.append(letter)
        position += 1
    raise ValueError("the string doesn't end")
