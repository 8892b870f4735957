"""Writes what other programs look for in a share folder: manual pages and shells' completions.

    python -m tuicontainer.cli.share /usr/local/share

Where: the man-db, bash-completion, zsh and fish of Debian, Fedora and Arch look there unasked
(manpath(1), bash-completion's README, zsh's site-functions, fish's vendor_completions.d).
"""

from __future__ import annotations

import os
import sys

from tuicontainer.cli.completion.scripts import script
from tuicontainer.cli.manual import manual_pages
from tuicontainer.cli.output import report, write

_COMPLETIONS = {
    "bash-completion/completions/tuicontainer": "bash",
    "zsh/site-functions/_tuicontainer": "zsh",
    "fish/vendor_completions.d/tuicontainer.fish": "fish",
}
"""Each has both commands in it; the loaders of bash and fish go by the command's name."""
_SECOND_NAMES = {
    "bash-completion/completions/tuicontainer-runtime": "tuicontainer",
    "fish/vendor_completions.d/tuicontainer-runtime.fish": "tuicontainer.fish",
}


def write_share(folder: str) -> list[str]:
    """Write everything below *folder*, replacing what is there; return the paths.

    Raises:
        OSError: something can't be written.
    """
    files = {f"man/{path}": text for path, text in manual_pages().items()}
    files |= {path: script(shell) for path, shell in _COMPLETIONS.items()}
    written = []
    for relative, text in files.items():
        path = os.path.join(folder, relative)
        fresh = _beside(path)
        with open(fresh, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), 0o644)
        os.rename(fresh, path)
        written.append(path)
    for relative, target in _SECOND_NAMES.items():
        path = os.path.join(folder, relative)
        fresh = _beside(path)
        os.symlink(target, fresh)
        os.rename(fresh, path)
        written.append(path)
    return written


def _beside(path: str) -> str:
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    return f"{path}.{os.getpid()}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        report("usage: python -m tuicontainer.cli.share FOLDER")
        sys.exit(2)
    write("".join(f"{written_path}\n" for written_path in write_share(sys.argv[1])))
