"""Makes bundles in a person's own bundle root: from a template, or as a copy of another.

A bundle is built in a folder that no list shows (`.name.PID.new`) and renamed when it is whole, so
nobody sees half of one, and one that is there is never touched.
"""

from __future__ import annotations

import contextlib
import os

from tuicontainer.bundles.assemble import fill, remove_tree, write_durably
from tuicontainer.bundles.catalogue import is_shipped_root, shipped_source
from tuicontainer.bundles.copying import copy_tree
from tuicontainer.bundles.load import CONFIG, read_document
from tuicontainer.bundles.plan_assembly import plan_contents, to_json, with_paths
from tuicontainer.bundles.templates import template_document
from tuicontainer.errors import AlreadyExists, InvalidArgument, TuiContainerError, describe_failure
from tuicontainer.spec.fields import show
from tuicontainer.spec.identifiers import check_container_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from tuicontainer.locations import Locations

_NAME_MAX = 200
"""Bytes: containers get a number after it, and building a longer name."""


def new_bundle(template: str, name: str, root: str, *, host: str = "/") -> str:
    """Make a bundle from a template, whose programs are the host's; return its folder.

    Args:
        template: see `templates.TEMPLATES`.
        name: of the bundle's folder.
        root: the bundle root that it is made in.
        host: the root of the system whose programs it uses.

    Raises:
        NotFound: no such template.
        InvalidArgument: the name isn't one.
        AlreadyExists: there is a bundle of this name.
        PermissionDenied, FailedPrecondition: it can't be written.
    """
    uid, gid = invoking_user()
    document = template_document(template, check_name(name), uid=uid, gid=gid)
    return _make(root, name, lambda folder: _write_whole(folder, root, name, document, None, host))


def copy_bundle(path: str, name: str, root: str, locations: Locations, *, host: str = "/") -> str:
    """Copy a bundle with all that is in its folder; return the copy's folder.

    A shipped bundle becomes one with a root filesystem of its own for this host.

    Args:
        path: the bundle's, as `BundleView.path` has it.
        name: of the copy's folder.
        root: the bundle root that it is made in.
        locations: whose data root has the assembled bundles.
        host: the root of the system whose programs a shipped one uses.

    Raises:
        NotFound: there is no such bundle.
        InvalidArgument: the name isn't one, or the bundle is broken.
        AlreadyExists: there is a bundle of this name.
        PermissionDenied, FailedPrecondition: something can't be read or written.
    """
    check_name(name)
    path = os.path.normpath(path)
    shipped = shipped_source(path, locations)
    if shipped is not None:
        document = read_document(shipped)
        return _make(
            root, name, lambda folder: _write_whole(folder, root, name, document, shipped, host)
        )
    read_document(path)
    real_root, real_path = os.path.realpath(root), os.path.realpath(path)
    if os.path.commonpath((real_root, real_path)) == real_path:
        raise InvalidArgument(f"the copy of `{path}` would lie in itself", hint=f"not in `{root}`")
    return _make(root, name, lambda folder: copy_tree(path, folder))


def own_root(roots: Sequence[str], locations: Locations) -> str:
    """Return the bundle root that new bundles are made in: the first that isn't the shipped one."""
    for root in roots:
        if not is_shipped_root(root):
            return root
    return os.path.join(locations.data_root, "bundles")


def check_name(name: str) -> str:
    """Return *name* if a bundle may be called so.

    Raises:
        InvalidArgument: containers couldn't be named after it, or lists would hide it.
    """
    try:
        check_container_id(name)
    except InvalidArgument:
        name = "" if len(name) > _NAME_MAX else name
    else:
        if name[0] not in ".-" and len(name) <= _NAME_MAX:
            return name
    raise InvalidArgument(
        f"no bundle can be called {show(name) if name else 'that'}",
        hint=f"up to {_NAME_MAX} letters, digits and `_ + . -`, and `.` or `-` not first",
    )


def invoking_user() -> tuple[int, int]:
    """Return uid and gid of the person: under sudo not root's (sudo(8), SUDO_UID)."""
    ids = (os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", ""))
    if os.geteuid() == 0 and all(each.isascii() and each.isdigit() for each in ids):
        return int(ids[0]), int(ids[1])
    return os.geteuid(), os.getegid()


def _make(root: str, name: str, build: Callable[[str], None]) -> str:
    target = os.path.join(root, name)
    building = os.path.join(root, f".{name}.{os.getpid()}.new")
    what = f"making bundle `{target}`"
    if os.path.lexists(target):
        raise AlreadyExists(f"bundle `{target}` exists", hint="choose another name")
    try:
        os.makedirs(root, exist_ok=True)
        build(building)
        # A rename would replace an empty folder, but not one that we ourselves didn't make.
        os.mkdir(target)
        try:
            os.rename(building, target)
        except OSError:
            os.rmdir(target)
            raise
    except BaseException as error:
        with contextlib.suppress(OSError):
            remove_tree(building)
        if isinstance(error, FileExistsError) and error.filename == target:
            raise AlreadyExists(f"bundle `{target}` exists", hint="choose another name") from None
        if isinstance(error, (OSError, TuiContainerError)):
            raise describe_failure(error, while_=what) from error
        raise
    return target


def _write_whole(
    folder: str, root: str, name: str, document: dict[str, Any], shipped: str | None, host: str
) -> None:
    contents = plan_contents(document, shipped, host=host)
    document = with_paths(document, os.path.join(root, name))
    document["root"]["path"] = "rootfs"
    os.mkdir(folder)
    # Users in user namespaces must reach the root filesystem through it.
    os.chmod(folder, 0o755)  # noqa: S103 - what is secret is the root's to keep
    fill(folder, contents)
    for shared in contents.shared:
        os.makedirs(os.path.join(folder, shared), exist_ok=True)
    write_durably(os.path.join(folder, CONFIG), to_json(document), 0o644)
