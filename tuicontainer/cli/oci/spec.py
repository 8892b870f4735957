"""`spec [-b DIR] [--rootless]`: write the config.json that runc writes."""

from __future__ import annotations

import os

from tuicontainer.errors import AlreadyExists, describe_failure
from tuicontainer.jsontext import dumps
from tuicontainer.spec.default import default_document, rootless_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(parsed: Parsed, _: Invocation) -> int:
    """Write the file unless there is one."""
    path = os.path.join(parsed.text("bundle") or "", "config.json")
    if parsed.switch("rootless"):
        document = rootless_document(os.geteuid(), os.getegid())
    else:
        document = default_document()
    text = dumps(document, indent="\t")
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except FileExistsError as error:
        raise AlreadyExists("File config.json exists. Remove it first") from error
    except OSError as error:
        raise describe_failure(error, while_="writing the configuration") from error
    with open(fd, "w", encoding="utf-8") as file:
        file.write(text)
    return 0
