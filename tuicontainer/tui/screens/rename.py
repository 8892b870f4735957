"""Another name for a container."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tuicontainer.engine.api import EngineInfo
from tuicontainer.errors import AlreadyExists, InvalidArgument
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.tui.command_lines import rename_line
from tuicontainer.tui.screens.form import Form


class RenameForm(Form[str]):
    """Asks for the name and gives it back."""

    keys_text = "enter renames · esc leaves"

    def __init__(self, container_id: str, taken: Collection[str], info: EngineInfo | None) -> None:
        """Ask for a name that isn't among those *taken*."""
        super().__init__(f"Rename {container_id}", (("name", "Name"),), {"name": container_id})
        self._container = container_id
        self._taken = taken
        self._info = info

    def meant(self, values: Mapping[str, str]) -> str:
        """Return the name."""
        name = values["name"].strip()
        if not name or name == self._container:
            raise InvalidArgument("it has that name now", hint="its log and its record go along")
        if name in self._taken:
            raise AlreadyExists(f"there is a container `{name}` already", hint="another name")
        return check_container_id(name)

    def command(self, meant: str) -> str:
        """Return the command line that does the same."""
        return rename_line(self._container, meant, self._info)
