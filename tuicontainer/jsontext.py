"""JSON by the interpreter's own C scanner and encoder, without the `json` package around them.

Importing `json` brings in `re` and `enum` and takes 8 ms, as long as everything else that a quick
verb imports; the C half alone takes 0.4 ms. It is private to CPython (the same from 3.11 on), so
where it is missing or has changed, `json` does the work: the tests compare both.

Stricter than `json` in one point: NaN and Infinity, which are no JSON, are refused.
Source: RFC 8259.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

_WHITESPACE = " \t\n\r"


def loads(text: str | bytes | bytearray) -> Any:
    """Return the value that *text* (UTF-8 if bytes) describes.

    Raises:
        ValueError: it isn't JSON; the message tells line and column.
        RecursionError: it is nested too deeply.
    """
    if not isinstance(text, str):
        text = bytes(text).decode()
    start = len(text) - len(text.lstrip(_WHITESPACE))
    try:
        value, end = _first_value(text, start)
    except StopIteration as stop:
        raise _refused(text, "Expecting value", stop.value) from None
    except ValueError as error:
        if not hasattr(error, "pos"):
            raise
        raise _refused(text, error.msg, error.pos) from None  # type: ignore[attr-defined]
    rest = text[end:].lstrip(_WHITESPACE)
    if rest:
        raise _refused(text, "Extra data", len(text) - len(rest))
    return value


def dumps(value: Any, *, indent: int | str | None = None, ascii_only: bool = True) -> str:
    """Return *value* as JSON text: without a space, or a line a member when *indent* is given.

    Raises:
        TypeError: a value has no form in JSON.
        ValueError: a number is NaN or infinite, or the value contains itself.
    """
    quote = _quote_ascii if ascii_only else _quote
    if indent is None:
        return "".join(_encoder(quote)(value, 0))
    step = indent if isinstance(indent, str) else " " * indent
    return _laid_out(value, "\n", step, quote)


def _laid_out(value: Any, newline: str, step: str, quote: Callable[[str], str]) -> str:
    deeper = newline + step
    if isinstance(value, dict) and value:
        members = [
            f"{quote(str(name))}: {_laid_out(member, deeper, step, quote)}"
            for name, member in value.items()
        ]
        return "{" + deeper + f",{deeper}".join(members) + newline + "}"
    if isinstance(value, (list, tuple)) and value:
        items = [_laid_out(item, deeper, step, quote) for item in value]
        return "[" + deeper + f",{deeper}".join(items) + newline + "]"
    return "".join(_encoder(quote)(value, 0))


def _first_value(text: str, start: int) -> tuple[Any, int]:
    try:
        return _scan(text, start)
    except SystemError:
        # Up to 3.12 the scanner can say what is wrong only once `json.decoder` has been imported.
        import json.decoder  # noqa: F401 - for its effect

        return _scan(text, start)


def _refused(text: str, problem: str, position: int) -> ValueError:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return ValueError(f"line {line}, column {column}: {problem[:1].lower()}{problem[1:]}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is no number")


def _refuse_type(value: object) -> NoReturn:
    raise TypeError(f"a value of type {type(value).__name__} has no form in JSON")


class _Context:
    """What the C scanner reads its settings from."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_refuse_constant)
    memo: dict[str, str] = {}  # noqa: RUF012 - the scanner's own, emptied after each use


try:
    from _json import encode_basestring as _quote
    from _json import encode_basestring_ascii as _quote_ascii
    from _json import make_encoder, make_scanner

    _scan: Callable[[str, int], tuple[Any, int]] = make_scanner(_Context())  # type: ignore[arg-type]

    def _encoder(quote: Callable[[str], str]) -> Callable[..., Any]:
        return make_encoder({}, _refuse_type, quote, None, ":", ",", False, False, False)

    _encoder(_quote_ascii)([0.5, "", None, {"a": True}], 0)
except (ImportError, TypeError, AttributeError):
    import json
    from json.scanner import make_scanner as make_python_scanner

    _scan = make_python_scanner(json.JSONDecoder(parse_constant=_refuse_constant))  # type: ignore[arg-type]
    _quote_ascii = json.encoder.encode_basestring_ascii
    _quote = json.encoder.encode_basestring

    def _encoder(quote: Callable[[str], str]) -> Callable[..., Any]:
        encoder = json.JSONEncoder(
            ensure_ascii=quote is _quote_ascii, separators=(",", ":"), allow_nan=False
        )
        return lambda value, _level: [encoder.encode(value)]
