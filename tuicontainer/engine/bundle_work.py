"""What doors may do to bundles: look for risks, check, edit, make and copy.

A Protocol of its own beside `engine.api`, with the real thing and two that stand in for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tuicontainer.bundles.catalogue import lint_bundle
from tuicontainer.bundles.editing import BundleText, read_text, save_text
from tuicontainer.errors import NotFound, Unsupported
from tuicontainer.spec.decode import decode_config
from tuicontainer.spec.lint.linting import lint
from tuicontainer.spec.lint.rule import Finding
from tuicontainer.spec.problems import Checked, check_text, problem_at

if TYPE_CHECKING:
    from tuicontainer.locations import Locations


class BundleWork(Protocol):
    """Work on bundle folders; paths are those of `BundleView`."""

    async def lint(self, path: str) -> Sequence[Finding]:
        """Return what is risky in a bundle's configuration, worst first."""
        ...

    async def check(self, text: str) -> Checked:
        """Return what is wrong with the text of a config.json, and what this host hasn't got."""
        ...

    async def read(self, path: str) -> BundleText:
        """Return the text of a bundle's config.json."""
        ...

    async def save(self, before: BundleText, text: str) -> BundleText:
        """Put *text* in the place of what was read, if nobody has changed that."""
        ...

    async def new(self, template: str, name: str) -> str:
        """Make a bundle from a template of `bundles.templates`; return its path."""
        ...

    async def copy(self, path: str, name: str) -> str:
        """Copy a bundle into the person's own bundle root; return the copy's path."""
        ...


class EmbeddedBundleWork:
    """The real thing, in threads; it changes files of bundle roots only."""

    def __init__(
        self,
        locations: Locations,
        bundle_roots: Sequence[str],
        check_may_change: Callable[[str], None],
    ) -> None:
        """Work on these roots; *check_may_change* refuses verbs in read-only mode."""
        self._locations = locations
        self._roots = tuple(bundle_roots)
        self._check_may_change = check_may_change

    async def lint(self, path: str) -> Sequence[Finding]:
        """Return what is risky in a bundle's configuration, worst first.

        Raises:
            NotFound, InvalidArgument, Unsupported, PermissionDenied: it can't be used.
        """
        return await asyncio.to_thread(lint_bundle, path, self._locations)

    async def check(self, text: str) -> Checked:
        """Return what is wrong with the text of a config.json, and what this host hasn't got."""
        return await asyncio.to_thread(_check_here, text)

    async def read(self, path: str) -> BundleText:
        """Return the text of a bundle's config.json.

        Raises:
            NotFound, InvalidArgument, PermissionDenied: it can't be read or edited.
        """
        return await asyncio.to_thread(read_text, path, self._locations)

    async def save(self, before: BundleText, text: str) -> BundleText:
        """Put *text* in the place of what was read, if nobody has changed that.

        Raises:
            FailedPrecondition: somebody has, or it can't be written.
            InvalidArgument: the text can't be encoded.
            PermissionDenied: read-only, or not allowed.
        """
        self._check_may_change("save")
        return await asyncio.to_thread(save_text, before, text, self._locations)

    async def new(self, template: str, name: str) -> str:
        """Make a bundle from a template of `bundles.templates`; return its path.

        Raises:
            NotFound, InvalidArgument, AlreadyExists: a name is wrong, or taken.
            PermissionDenied, FailedPrecondition: read-only, or it can't be written.
        """
        from tuicontainer.bundles.making import new_bundle, own_root

        self._check_may_change("new")
        root = own_root(self._roots, self._locations)
        return await asyncio.to_thread(new_bundle, template, name, root)

    async def copy(self, path: str, name: str) -> str:
        """Copy a bundle into the person's own bundle root; return the copy's path.

        Raises:
            NotFound, InvalidArgument, AlreadyExists: a name is wrong, or taken.
            PermissionDenied, FailedPrecondition: read-only, or it can't be read or written.
        """
        from tuicontainer.bundles.making import copy_bundle, own_root

        self._check_may_change("copy")
        root = own_root(self._roots, self._locations)
        return await asyncio.to_thread(copy_bundle, path, name, root, self._locations)


class FakeBundleWork:
    """Bundles in memory.

    Attributes:
        texts: config.json by the path of its bundle; others are refused.
        made: what was made, as (`new` or `copy`, what of, name).
    """

    def __init__(self) -> None:
        self.texts: dict[str, BundleText] = {}
        self.made: list[tuple[str, str, str]] = []

    async def lint(self, path: str) -> Sequence[Finding]:
        """Return what is risky in the text; nothing where there is none."""
        text = self.texts.get(path)
        checked = None if text is None else check_text(text.text)
        return () if checked is None or checked.config is None else lint(checked.config)

    async def check(self, text: str) -> Checked:
        """Return what is wrong; the host has everything."""
        return check_text(text)

    async def read(self, path: str) -> BundleText:
        """Return the text that was put there.

        Raises:
            NotFound: none was.
        """
        if path not in self.texts:
            raise NotFound(f"`{path}/config.json` doesn't exist")
        return self.texts[path]

    async def save(self, before: BundleText, text: str) -> BundleText:
        """Keep *text*."""
        self.texts[before.path] = before.replace(text=text, stamp=f"{before.stamp}+")
        return self.texts[before.path]

    async def new(self, template: str, name: str) -> str:
        """Remember what was asked for."""
        self.made.append(("new", template, name))
        return f"/bundles/{name}"

    async def copy(self, path: str, name: str) -> str:
        """Remember what was asked for."""
        self.made.append(("copy", path, name))
        return f"/bundles/{name}"


class RecordedBundleWork:
    """Bundles of a recording: they can be looked at, nothing else."""

    def __init__(self, document: Callable[[str], Awaitable[Mapping[str, Any]]]) -> None:
        """Ask *document* for the config.json of a path."""
        self._document = document

    async def lint(self, path: str) -> Sequence[Finding]:
        """Return what is risky in a recorded configuration.

        Raises:
            NotFound, InvalidArgument, Unsupported: none is recorded, or it can't be used.
        """
        return lint(decode_config(dict(await self._document(path))))

    async def check(self, text: str) -> Checked:
        """Return what is wrong; nothing is known of a host."""
        return check_text(text)

    async def read(self, path: str) -> BundleText:
        """Return a recorded configuration, laid out anew.

        Raises:
            NotFound: none is recorded.
        """
        from tuicontainer.jsontext import dumps

        text = dumps(dict(await self._document(path)), indent=2, ascii_only=False) + "\n"
        return BundleText(path=path, text=text, stamp="", fixed="it is a recording's")

    async def save(self, before: BundleText, text: str) -> BundleText:  # noqa: ARG002 - refused
        """Refuse.

        Raises:
            Unsupported: always.
        """
        raise _refusal("save")

    async def new(self, template: str, name: str) -> str:  # noqa: ARG002 - refused
        """Refuse.

        Raises:
            Unsupported: always.
        """
        raise _refusal("new")

    async def copy(self, path: str, name: str) -> str:  # noqa: ARG002 - refused
        """Refuse.

        Raises:
            Unsupported: always.
        """
        raise _refusal("copy")


def _refusal(verb: str) -> Unsupported:
    return Unsupported(f"`{verb}` changes something, and this is a recording")


def _check_here(text: str) -> Checked:
    checked = check_text(text)
    if checked.config is None or checked.positions is None:
        return checked
    from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies
    from tuicontainer.runtime.features import features_document
    from tuicontainer.spec.host_check import lacking

    found = lacking(checked.config, features_document(), read_hierarchies().controllers)
    warnings = [problem_at(text, checked.positions, where, said) for where, said in found]
    problems = sorted((*checked.problems, *warnings), key=lambda each: (each.line, each.column))
    return checked.replace(problems=tuple(problems))
