"""What can be done to bundles: a menu of single keys, and the questions after it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tuicontainer.bundles.templates import TEMPLATES
from tuicontainer.errors import TuiContainerError
from tuicontainer.tui.spans import Line, fitted, printable
from tuicontainer.tui.widgets.graphs import SizedView

_ENTRIES = (
    ("e", "edit", "edit config.json, checked as you type"),
    ("c", "copy", "copy it under another name"),
    ("n", "new", "make a new bundle from a template"),
    ("l", "lint", "say what is risky in it"),
)


class BundleMenu(ModalScreen[str]):
    """Gives back `edit`, `copy`, `new` or `lint`; None when left."""

    CSS_PATH = "editor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "leave", id="bundle-menu.leave"),
        *(
            Binding(key, f"choose('{name}')", text, id=f"bundle-menu.{name}")
            for key, name, text in _ENTRIES
        ),
    ]

    def __init__(self, name: str) -> None:
        """Ask about the bundle called *name*; with an empty one only a new one can be made."""
        super().__init__()
        self._bundle = name

    def compose(self) -> ComposeResult:
        """Yield a line an entry."""
        view = SizedView(id="menu-entries")
        view.can_focus = False
        view.styles.height = len(self._possible)
        view.show_made(lambda width, height: self._lines(width))  # noqa: ARG005
        box = Vertical(view, id="bundle-menu")
        box.border_title = Content(f"Bundle {printable(self._bundle)}".rstrip())
        box.border_subtitle = "esc leaves"
        yield box

    @property
    def _possible(self) -> list[tuple[str, str, str]]:
        return [entry for entry in _ENTRIES if self._bundle or entry[1] == "new"]

    def _lines(self, width: int) -> list[Line]:
        return [
            fitted(((f" {key} ", "key"), (f" {text}", "text")), width)
            for key, _, text in self._possible
        ]

    def action_choose(self, name: str) -> None:
        """Give back what was chosen, if it is offered."""
        if any(entry[1] == name for entry in self._possible):
            self.dismiss(name)


class BundleNameDialog(ModalScreen[str]):
    """Asks for a new bundle's name, and makes it; gives back its path, None when left."""

    CSS_PATH = "editor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave", id="bundle-name.leave"),
        Binding("up", "template(-1)", "template before", id="bundle-name.up", priority=True),
        Binding("down", "template(1)", "next template", id="bundle-name.down", priority=True),
    ]

    def __init__(
        self,
        title: str,
        proposal: str,
        make: Callable[[str, str], Coroutine[Any, Any, str]],
        *,
        templates: bool,
    ) -> None:
        """Ask below *title*.

        Args:
            title: what is made.
            proposal: the name that is there at first.
            make: makes it, given the template's name and its own; returns its path.
            templates: whether one is to be chosen.
        """
        super().__init__()
        self._heading = title
        self._proposal = proposal
        self._make = make
        self._templates = tuple(TEMPLATES) if templates else ()
        self._chosen = 0

    def compose(self) -> ComposeResult:
        """Yield the templates, the line for the name, and what is wrong."""
        view = SizedView(id="menu-entries")
        view.can_focus = False
        view.styles.height = len(self._templates)
        view.display = bool(self._templates)
        view.show_made(lambda width, height: self._lines(width))  # noqa: ARG005
        keys = "↑ ↓ template · enter makes it · esc leaves"
        box = Vertical(
            view,
            Input(self._proposal, compact=True, select_on_focus=False, id="bundle-name"),
            Label("", id="bundle-result", markup=False),
            id="bundle-menu",
        )
        box.border_title = Content(self._heading)
        box.border_subtitle = keys if self._templates else "enter makes it · esc leaves"
        yield box

    def on_mount(self) -> None:
        """Give the keys to the name."""
        self.query_one(Input).focus()

    def action_template(self, by: int) -> None:
        """Choose the next or the previous template."""
        if self._templates:
            self._chosen = (self._chosen + by) % len(self._templates)
            self.query_one("#menu-entries", SizedView).show_made(
                lambda width, height: self._lines(width)  # noqa: ARG005
            )

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Make the bundle."""
        name = message.value.strip()
        self.run_worker(self._try(name), group="make", exclusive=True, exit_on_error=False)

    async def _try(self, name: str) -> None:
        template = self._templates[self._chosen] if self._templates else ""
        try:
            path = await self._make(template, name)
        except TuiContainerError as error:
            text = f"{error.message}\n{error.hint}".rstrip()
            self.query_one("#bundle-result", Label).update(text)
        else:
            self.dismiss(path)

    def _lines(self, width: int) -> list[Line]:
        return [
            fitted(
                (
                    (f" {name:<10}", "badge" if number == self._chosen else "key"),
                    (f" {TEMPLATES[name]}", "text"),
                ),
                width,
            )
            for number, name in enumerate(self._templates)
        ]
