"""The script for each shell, with both commands in it."""

from __future__ import annotations

from tuicontainer.cli.completion.bash import bash_script
from tuicontainer.cli.completion.fish import fish_script
from tuicontainer.cli.completion.vocabulary import manager, runtime
from tuicontainer.cli.completion.zsh import zsh_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tuicontainer.cli.completion.vocabulary import Program

SCRIPTS: dict[str, Callable[[Iterable[Program]], str]] = {
    "bash": bash_script,
    "zsh": zsh_script,
    "fish": fish_script,
}
"""By the shell's name."""


def script(shell: str) -> str:
    """Return the text that makes *shell* complete `tuicontainer` and `tuicontainer-runtime`."""
    return SCRIPTS[shell]((manager(), runtime()))
