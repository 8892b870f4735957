"""The small form behind `S`: what a container may have that its bundle doesn't say."""

from __future__ import annotations

import shlex
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tuicontainer.bundles.views import BundleView
from tuicontainer.engine.api import CreateOptions
from tuicontainer.errors import InvalidArgument, TuiContainerError
from tuicontainer.spec.identifiers import check_container_id
from tuicontainer.tui.command_lines import bundle_line
from tuicontainer.tui.limit_texts import FIELDS as LIMIT_FIELDS
from tuicontainer.tui.limit_texts import read_limits
from tuicontainer.tui.quantities import cores, short_size
from tuicontainer.tui.spans import printable

_FIELDS = (
    ("name", "Name"),
    ("command", "Command"),
    *LIMIT_FIELDS,
)


def read_options(values: dict[str, str]) -> CreateOptions:
    """Return the options that the form's texts mean; empty texts mean the bundle's own.

    Raises:
        InvalidArgument: a text isn't what its field needs; names the field.
    """
    container_id = values["name"].strip() or None
    if container_id is not None:
        check_container_id(container_id)
    try:
        args = tuple(shlex.split(values["command"]))
    except ValueError as error:
        raise InvalidArgument(f"command: {error}".lower()) from error
    return CreateOptions(container_id=container_id, args=args, **dict(read_limits(values).items()))


class CreateForm(ModalScreen[tuple[CreateOptions, bool]]):
    """Gives back the options and whether to start at once; None when left."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave", id="form.leave"),
        Binding("ctrl+s", "create(True)", "create and start", id="form.start"),
        Binding("ctrl+o", "create(False)", "only create", id="form.create"),
    ]

    def __init__(self, bundle: BundleView) -> None:
        super().__init__()
        self._bundle = bundle

    def compose(self) -> ComposeResult:
        """Yield one line a field, what it amounts to, and the keys."""
        hints = self._placeholders()
        rows = [
            Horizontal(
                Label(title, classes="field-name"),
                Input(placeholder=hints[name], compact=True, id=f"field-{name}"),
                classes="field",
            )
            for name, title in _FIELDS
        ]
        box = Vertical(
            *rows,
            Label("", id="form-result", markup=False),
            Label("enter or ctrl+s starts · ctrl+o only creates · esc leaves", id="form-keys"),
            id="form",
        )
        box.border_title = Content(f"New container from {printable(self._bundle.name)}")
        yield box

    def on_mount(self) -> None:
        """Show the equivalent command at once."""
        self._show_result()

    def on_input_changed(self) -> None:
        """Show what the form amounts to as it is filled in."""
        self._show_result()

    def on_input_submitted(self) -> None:
        """Enter starts."""
        self.action_create(start=True)

    def action_create(self, start: bool) -> None:
        """Give the options back if they can be used."""
        try:
            options = read_options(self._values())
        except TuiContainerError:
            self._show_result()
            return
        self.dismiss((options, start))

    def _values(self) -> dict[str, str]:
        return {name: self.query_one(f"#field-{name}", Input).value for name, _ in _FIELDS}

    def _show_result(self) -> None:
        result = self.query_one("#form-result", Label)
        try:
            options = read_options(self._values())
        except TuiContainerError as error:
            result.update(f"{error.message}\n{error.hint}")
            result.set_class(True, "-wrong")
            return
        result.set_class(False, "-wrong")
        result.update(f"$ {bundle_line(self._bundle, options)}")

    def _placeholders(self) -> dict[str, str]:
        bundle = self._bundle
        memory = None if bundle.memory_limit is None else short_size(bundle.memory_limit)
        return {
            "name": f"{bundle.name}-<n>",
            "command": shlex.join(bundle.args),
            "memory": _own(memory),
            "cpus": _own(None if bundle.cpus is None else cores(bundle.cpus)),
            "pids": _own(None if bundle.pids_limit is None else str(bundle.pids_limit)),
        }


def _own(value: str | None) -> str:
    return "none" if value is None else f"{value} (the bundle's)"
