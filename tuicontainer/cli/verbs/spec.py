"""`spec`: a configuration to begin a bundle with."""

from __future__ import annotations

import os

from tuicontainer.cli.options import Command, Example, Option
from tuicontainer.cli.output import write
from tuicontainer.errors import AlreadyExists, describe_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.invocation import Invocation


def spec(invocation: Invocation) -> int:
    """Write config.json into a folder, by default the current one; with `-` print it."""
    from tuicontainer.jsontext import dumps
    from tuicontainer.spec.default import default_document, rootless_document

    options = invocation.options
    folder = invocation.operands[0] if invocation.operands else "."
    if options.rootless:
        document = rootless_document(os.geteuid(), os.getegid())
    else:
        document = default_document()
    text = dumps(document, indent="    ") + "\n"
    if folder == "-":
        write(text)
        return 0
    path = os.path.join(folder, "config.json")
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
    try:
        fd = os.open(path, flags | (os.O_TRUNC if options.force else os.O_EXCL), 0o666)
    except FileExistsError as error:
        raise AlreadyExists(f"`{path}` exists", hint="`--force` writes over it") from error
    except OSError as error:
        raise describe_failure(error, while_=f"writing `{path}`") from error
    with open(fd, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


COMMAND = Command(
    name="spec",
    summary="Write a config.json to begin a bundle with",
    run=spec,
    operands="[DIR]",
    most=1,
    options=(
        Option(names=("-f", "--force"), help="write over one that is there"),
        Option(names=("--rootless",), help="for somebody without root: this user's ids mapped"),
    ),
    examples=(
        Example(line="tuicontainer spec ./web", meaning="then put a root file system beside it"),
        Example(line="tuicontainer spec -", meaning="just shows it"),
    ),
    complete="directory",
)
