"""What the key for bundles leads to: the menu, the editor, new bundles and copies."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tuicontainer.errors import TuiContainerError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tuicontainer.bundles.views import BundleView
    from tuicontainer.engine.bundle_work import BundleWork
    from tuicontainer.tui.screens.actions import ActingScreen

_READ_ONLY = "this session is read-only: start without --read-only to make bundles"


class BundleActions:
    """Works on the bundle under the cursor."""

    def __init__(self, screen: ActingScreen) -> None:
        self._screen = screen

    def open(self, work: BundleWork, bundle: BundleView | None) -> None:
        """Ask what is to be done."""
        from tuicontainer.tui.screens.bundle_menu import BundleMenu

        def then(choice: str | None) -> None:
            if choice == "edit" and bundle is not None:
                self.edit(work, bundle.path)
            elif choice == "lint":
                self._screen.details.choose("lint")
                self._screen.focus_pane("details")
            elif choice and self._screen.model.rights.read_only:
                self._screen.stage.advise(_READ_ONLY)
            elif choice == "copy" and bundle is not None:
                self._copy(work, bundle)
            elif choice == "new":
                self._new(work)

        name = "" if bundle is None else bundle.name
        self._screen.app.push_screen(BundleMenu(name), then)

    def edit(self, work: BundleWork, path: str) -> None:
        """Open the editor on a bundle's config.json."""
        self._screen.stage.work(self._edit(work, path))

    async def _edit(self, work: BundleWork, path: str) -> None:
        from tuicontainer.tui.screens.editor import EditorScreen

        try:
            text = await work.read(path)
        except TuiContainerError as error:
            self._screen.stage.tell(error)
            return
        read_only = self._screen.model.rights.read_only
        self._screen.app.push_screen(
            EditorScreen(work, text, read_only=read_only), lambda _: self._screen.filler.turn()
        )

    def _copy(self, work: BundleWork, bundle: BundleView) -> None:
        def make(_: str, name: str) -> Coroutine[None, None, str]:
            return work.copy(bundle.path, name)

        self._ask(f"Copy of {bundle.name}", f"{bundle.name}-copy", make, work, templates=False)

    def _new(self, work: BundleWork) -> None:
        self._ask("New bundle", "", work.new, work, templates=True)

    def _ask(
        self,
        title: str,
        proposal: str,
        make: Callable[[str, str], Coroutine[None, None, str]],
        work: BundleWork,
        *,
        templates: bool,
    ) -> None:
        from tuicontainer.tui.screens.bundle_menu import BundleNameDialog

        def then(path: str | None) -> None:
            if path:
                self._screen.stage.report(os.path.basename(path), f"made in {path}")
                self.edit(work, path)

        dialog = BundleNameDialog(title, proposal, make, templates=templates)
        self._screen.app.push_screen(dialog, then)
