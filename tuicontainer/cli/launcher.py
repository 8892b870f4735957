"""Writes the two commands as scripts that start the interpreter with nothing but what is needed.

`-I` keeps the caller's environment and folder out (both are root's tools), `-S` leaves out the
`site` module, which takes as long as a quick verb: what it would have put on the path stands in
the script. `-X utf8` makes arguments and file names mean the same in every locale. They import from
an archive (see `archive`), which is written with them. The scripts that installers make from
`[project.scripts]` work too, only slower.

    python -m tuicontainer.cli.launcher /usr/local/bin
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig

import tuicontainer
from tuicontainer.cli.output import report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

DOORS = {
    "tuicontainer": "tuicontainer.cli.main",
    "tuicontainer-runtime": "tuicontainer.cli.oci.main",
}
"""Command to the module whose `main` returns its exit status."""

_FLAGS = "-ISXutf8"
"""In one word: the kernel passes everything after the interpreter as one argument."""

_SHEBANG_LIMIT = 127
"""Bytes that every kernel we run on reads of a script's first line (execve(2))."""


def launcher_text(module: str, *, interpreter: str, paths: Sequence[str]) -> str:
    """Return the script that calls *module*'s `main`.

    Args:
        module: dotted name.
        interpreter: absolute path of the Python to use.
        paths: folders to import from, behind the standard library's; the first has this package.
    """
    shebang = f"#!{interpreter} {_FLAGS}"
    if len(os.fsencode(shebang)) > _SHEBANG_LIMIT or any(
        letter.isspace() for letter in interpreter
    ):
        # To the shell the next line is a command that replaces it, to Python a string.
        quoted = interpreter.replace("'", "'\\''")
        shebang = f"#!/bin/sh\n'''exec' '{quoted}' {_FLAGS} \"$0\" \"$@\"\n' '''"
    return f"""{shebang}
import gc
import sys

gc.disable()
sys.path += {list(paths)!r}
from tuicontainer.archive import use_archive

use_archive({os.path.join(paths[0], "tuicontainer")!r}, {module!r})
from {module} import main
from tuicontainer.cli.leaving import leave

gc.enable()
leave(main())
"""


def import_paths() -> list[str]:
    """Return where this package and what it needs were imported from."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(tuicontainer.__file__)))
    found = (package, sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    return list(dict.fromkeys(found))


def write_launchers(folder: str) -> list[str]:
    """Write both commands into *folder*, replacing what is there; return their paths."""
    written = []
    for command, module in DOORS.items():
        path = os.path.join(folder, command)
        text = launcher_text(module, interpreter=sys.executable, paths=import_paths())
        fresh = f"{path}.{os.getpid()}"
        with open(fresh, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            os.fchmod(file.fileno(), 0o755)
        os.rename(fresh, path)
        written.append(path)
    return written


def write_archive() -> str:
    """Write the archive from which the commands import; return its path.

    Raises:
        CalledProcessError: it can't be written; the reason is on standard error.
    """
    # Another interpreter: what this one has imported must not be missing in the archive.
    command = [sys.executable, "-IS", os.path.join(os.path.dirname(__file__), "archiving.py")]
    done = subprocess.run([*command, *import_paths()], check=True, stdout=subprocess.PIPE)
    return os.fsdecode(done.stdout).strip()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        report("usage: python -m tuicontainer.cli.launcher FOLDER")
        sys.exit(2)
    for written_path in (*write_launchers(sys.argv[1]), write_archive()):
        report(f"wrote {written_path}")
