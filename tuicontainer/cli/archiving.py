"""Writes the archive of compiled modules that the launchers import from (see `archive`).

    python -I -S …/cli/archiving.py FOLDER…

It is made by installing, never by running. What a group holds is found by importing it. FOLDERs are
where to import from.
"""

from __future__ import annotations

import ast
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.archive import Module, Place, Source

_OURS = "tuicontainer.archive"
"""What a launcher imports first of all."""
_DROP_IN = "tuicontainer.cli.oci"
_MANAGER = "tuicontainer.cli"
_SPAWNER = (
    "tuicontainer.supervise.birth",
    "tuicontainer.supervise.monitor",
    "tuicontainer.supervise.preload",
)
"""What the spawner imports, in this order."""
_AFTER_RUN = (
    "tuicontainer.cli.oci.foreground",
    "tuicontainer.cli.oci.timing",
    "tuicontainer.runtime.delete",
    "tuicontainer.runtime.start",
)
"""What `run` imports while the container's init works."""
_DRIVERS = (
    "tuicontainer.runtime.cgroups.hybrid",
    "tuicontainer.runtime.cgroups.v1.group",
    "tuicontainer.runtime.cgroups.v2.group",
)
"""What is imported once the host's kind is known."""
_FLAGS = annotations.compiler_flag
"""All our modules have their annotations as text."""


def write_archive() -> str:
    """Write the archive of the package that is imported from here; return its path.

    Raises:
        OSError: it can't be written.
        ImportError: a module of ours can't be imported; the traceback is on standard error.
    """
    from tuicontainer.archive import archive_path, header

    package = _package()
    path = archive_path(package)
    groups = {name: _compile(package, _imported(before, name)) for before, name in _plan()}
    # The index tells where the groups are, and comes before them: its length must not depend on it.
    offset = len(header(b"")) + len(marshal.dumps(dict.fromkeys(groups, (0, 0, 0)), 0))
    index: dict[str, Place] = {}
    for name, (sources, modules) in groups.items():
        index[name] = (offset, len(sources), len(modules))
        offset += len(sources) + len(modules)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    fresh = f"{path}.{os.getpid()}"
    with open(fresh, "wb") as file:
        text = marshal.dumps(index, 0)
        file.write(header(text) + text)
        for parts in groups.values():
            file.writelines(parts)
    os.rename(fresh, path)
    return path


def _plan() -> list[tuple[tuple[str, ...], str]]:
    """Return each group's name, and what has been imported whenever the group is."""
    from tuicontainer.cli.main import VERBS
    from tuicontainer.cli.oci.commands import COMMANDS

    drop_in, manager = f"{_DROP_IN}.main", f"{_MANAGER}.main"
    commands = sorted({command.module for command in COMMANDS})
    plan: list[tuple[tuple[str, ...], str]] = [((), drop_in), ((), manager)]
    plan.append(((), f"{_MANAGER}.leaving"))
    plan += [((drop_in,), f"{_DROP_IN}.{name}") for name in commands]
    plan += [((manager,), f"{_MANAGER}.verbs.{name}") for name in VERBS]
    plan += [((drop_in, f"{_DROP_IN}.run"), name) for name in _AFTER_RUN]
    plan += [(_SPAWNER[:place], name) for place, name in enumerate(_SPAWNER)]
    plan += [((drop_in, f"{_DROP_IN}.delete"), name) for name in _DRIVERS]
    return plan


def _imported(before: tuple[str, ...], name: str) -> list[tuple[str, str, bool]]:
    """Import anew, and return what of the package came with *name*, in the order of completion."""
    for each in [each for each in sys.modules if each.startswith("tuicontainer")]:
        del sys.modules[each]
    for each in (_OURS, *before):
        __import__(each)
    known = set(sys.modules)
    __import__(name)
    return [
        (each, str(module.__file__), hasattr(module, "__path__"))
        for each, module in sys.modules.items()
        if each not in known and each.startswith("tuicontainer.")
    ]


def _compile(package: str, modules: list[tuple[str, str, bool]]) -> tuple[bytes, bytes]:
    """Return a group's sources as they are now, and its modules."""
    compiled: list[Module] = []
    sources: list[Source] = []
    for name, path, is_package in modules:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            tree = _Stripping().visit(ast.parse(file.read(), path))
            code = compile(tree, path, "exec", _FLAGS, dont_inherit=True, optimize=2)
        source = path.removeprefix(f"{package}/")
        sources.append((source, status.st_mtime_ns, status.st_size))
        compiled.append((name, source, is_package, code))
    return marshal.dumps(sources), marshal.dumps(compiled)


class _Stripping(ast.NodeTransformer):
    """Leaves out what only people and type checkers read; `optimize` leaves docstrings out.

    Annotations of classes stay: they are the fields of records.
    """

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        # Its effect is a flag of the compiler; executing it would import a module for nothing.
        is_future = node.module == "__future__"
        return ast.copy_location(ast.Pass(), node) if is_future else node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return node.orelse or ast.copy_location(ast.Pass(), node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node


def _package() -> str:
    import tuicontainer

    return os.path.dirname(os.path.abspath(tuicontainer.__file__))


if __name__ == "__main__":
    sys.path += sys.argv[1:]
    print(write_archive())
