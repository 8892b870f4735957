"""Which bundles there are, and which one a person means.

A bundle root is a folder of bundle folders. The shipped one is special: what lies there has no
root filesystem yet and is assembled in the data root when it is first used.
"""

from __future__ import annotations

import os

from tuicontainer.bundles.assemble import assemble, shipped_root
from tuicontainer.bundles.load import decode_document, load_bundle, read_document
from tuicontainer.bundles.views import BundleView
from tuicontainer.errors import NotFound, TuiContainerError, describe_failure
from tuicontainer.locations import shipped_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tuicontainer.locations import Locations
    from tuicontainer.spec.config import Config, Hooks
    from tuicontainer.spec.lint.rule import Finding

_DESCRIPTION = "io.tuicontainer.description"
_PERIOD_US = 100_000
"""The kernel's period for a CPU quota that comes without one."""


def list_bundles(roots: Sequence[str], locations: Locations) -> list[BundleView]:
    """Return all bundles of all roots, root by root, each root's by name.

    A folder that can't be used is listed with its problem. A root that doesn't exist has none.

    Args:
        roots: bundle roots, absolute.
        locations: whose data root has the assembled bundles.
    """
    views = []
    for root in roots:
        shipped = is_shipped_root(root)
        try:
            names = _bundle_names(root)
        except OSError as error:
            problem = describe_failure(error, while_="reading the bundle root")
            views.append(
                BundleView(name=os.path.basename(root), path=root, problem=problem.message)
            )
            continue
        views += [_view(os.path.join(root, name), locations, shipped=shipped) for name in names]
    return views


def resolve_bundle(reference: str, roots: Sequence[str], locations: Locations) -> str:
    """Return the absolute path of the bundle that a person means.

    A word without `/` is looked for in the roots, the first that has it wins, and then in the
    present folder. A shipped bundle is assembled if it wasn't.

    Args:
        reference: a name in a bundle root, or a path.
        roots: bundle roots, absolute.
        locations: whose data root has the assembled bundles.

    Raises:
        NotFound: there is no such bundle.
        TuiContainerError: a shipped one can't be assembled.
    """
    path = find_bundle(reference, roots, locations)
    shipped = shipped_source(path, locations)
    return path if shipped is None else assemble(shipped, locations)


def find_bundle(reference: str, roots: Sequence[str], locations: Locations) -> str:
    """Return the absolute path of the bundle that a person means, assembled or not.

    Raises:
        NotFound: there is no such bundle.
    """
    candidates = [os.path.abspath(reference)] if reference else []
    if reference and "/" not in reference and reference not in {".", ".."}:
        candidates = [*(os.path.join(root, reference) for root in roots), *candidates]
    for path in candidates:
        if shipped_source(path, locations) is not None or os.path.isdir(path):
            return path
    hint = f"looked in {', '.join(f'`{root}`' for root in roots)}" if "/" not in reference else ""
    raise NotFound(f"no bundle `{reference}`", hint=hint)


def bundle_document(path: str, locations: Locations) -> dict[str, Any]:
    """Return the config.json of a bundle as `BundleView.path` names it, assembled or not.

    Raises:
        NotFound, InvalidArgument, PermissionDenied: it can't be read.
    """
    path = path.rstrip("/")
    return read_document(shipped_source(path, locations) or path)


def lint_bundle(path: str, locations: Locations) -> tuple[Finding, ...]:
    """Return what is risky in a bundle's configuration; its root filesystem isn't looked at.

    Raises:
        NotFound, InvalidArgument, Unsupported, PermissionDenied: it can't be read, or breaks a
            rule of the specification.
    """
    from tuicontainer.spec.lint.linting import lint  # nobody else pays for its rules

    return lint(decode_document(path, bundle_document(path, locations)))


def is_shipped_root(root: str) -> bool:
    """Return whether *root* is the folder of shipped bundles, by whatever path."""
    try:
        return os.path.samefile(root, shipped_dir("bundles"))
    except OSError:
        return False


def shipped_source(path: str, locations: Locations) -> str | None:
    """Return the shipped bundle that *path* is, or is the assembled form of; None for others."""
    parent, name = os.path.split(path)
    if not name or not (parent == shipped_root(locations) or is_shipped_root(parent)):
        return None
    source = os.path.join(shipped_dir("bundles"), name)
    return source if os.path.isdir(source) else None


def _bundle_names(root: str) -> list[str]:
    try:
        with os.scandir(root) as entries:
            return sorted(
                entry.name for entry in entries if entry.name[0] != "." and entry.is_dir()
            )
    except FileNotFoundError:
        return []


def _view(source: str, locations: Locations, *, shipped: bool) -> BundleView:
    name = os.path.basename(source)
    path = os.path.join(shipped_root(locations), name) if shipped else source
    try:
        # Shipped ones have no root filesystem before they are assembled.
        config = decode_document(source, read_document(source)) if shipped else load_bundle(source)
    except TuiContainerError as error:
        return BundleView(
            name=name, path=path, shipped=shipped, problem=error.message, hint=error.hint
        )
    return _view_of(name, path, config, shipped=shipped)


def _view_of(name: str, path: str, config: Config, *, shipped: bool) -> BundleView:
    resources = config.linux.resources
    limit = None if resources.memory is None else resources.memory.limit
    pids = None if resources.pids is None else resources.pids.limit
    return BundleView(
        name=name,
        path=path,
        description=config.annotations.get(_DESCRIPTION, ""),
        args=() if config.process is None else config.process.args,
        namespaces=tuple(namespace.type for namespace in config.linux.namespaces),
        terminal=config.process is not None and config.process.terminal,
        memory_limit=None if limit == -1 else limit,
        cpus=_cpus(config),
        pids_limit=None if pids == -1 else pids,
        hooks=_count(config.hooks),
        shipped=shipped,
    )


def _cpus(config: Config) -> float | None:
    cpu = config.linux.resources.cpu
    if cpu is None or cpu.quota is None or cpu.quota == -1:
        return None
    return cpu.quota / (cpu.period or _PERIOD_US)


def _count(hooks: Hooks) -> int:
    return sum(len(kind) for _, kind in hooks.items())
