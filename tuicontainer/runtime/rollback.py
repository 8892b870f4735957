"""Taking back what was made when a later step fails."""

from __future__ import annotations

from tuicontainer.errors import TuiContainerError, describe_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Rollback:
    """A list of removals, worked through backwards and only on failure."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: list[tuple[str, Callable[[], object]]] = []

    def add(self, what: str, removal: Callable[[], object]) -> None:
        """Remember how to take back what has just been made; *what* is for error texts."""
        self._steps.append((what, removal))

    def run(self, error: BaseException, *, while_: str) -> TuiContainerError:
        """Take everything back and return the error to raise: *error*, and what went wrong now.

        Each removal is tried whether or not others fail.

        Args:
            error: why we are here.
            while_: the operation in words, for errors that don't say it themselves.
        """
        if isinstance(error, TuiContainerError):
            failure = error
        else:
            failure = describe_failure(error, while_=while_)
        problems = []
        while self._steps:
            what, removal = self._steps.pop()
            try:
                removal()
            except (TuiContainerError, OSError) as problem:
                problems.append(str(describe_failure(problem, while_=what)))
        if not problems:
            return failure
        message = f"{failure.message}; and taking it back failed: {'; '.join(problems)}"
        return type(failure)(message, hint=failure.hint, errno=failure.errno)
