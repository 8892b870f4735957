"""Modules of this package, compiled and in one file: a cold start without a hundred small reads.

To find, open and read a module takes longer than to execute it, and a verb imports about a hundred.
So a launcher (`cli.launcher`) names an archive: groups of modules, each with everything that the
import of its last one brings in, in the order in which they can be executed. It lies among the
.pyc files, is trusted as they are, and is outdated as they are: by another interpreter, or by the
time or size of a source file. What it doesn't have, or no longer, is imported as without it.

The file is a header of `HEADER` bytes (format, interpreter's version, length of the index), the
index, and of each group its sources and its modules, all marshalled; `cli.archiving` writes it.
Sources: PEP 451 (specifications of modules), PEP 3147 (where compiled files lie).
"""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any, TypeAlias

    Place: TypeAlias = tuple[int, int, int]
    Source: TypeAlias = tuple[str, int, int]
    Module: TypeAlias = tuple[str, str, bool, CodeType]
else:
    # What `importlib.machinery` and `types` have, without importing them.
    ModuleSpec, ModuleType = type(sys.__spec__), type(sys)

FORMAT = b"3 "
"""Another one for every change of what is in the file: an old archive may lie where we are put."""
HEADER = 256
_LENGTH = 8


def archive_path(package: str) -> str:
    """Return where the archive of the package in the folder *package* is."""
    return f"{package}/__pycache__/archive.{sys.implementation.cache_tag}"


def header(index: bytes) -> bytes:
    """Return what an archive for this interpreter begins with, before its marshalled *index*."""
    version = (FORMAT + sys.version.encode())[: HEADER - _LENGTH].ljust(HEADER - _LENGTH, b"\0")
    return version + len(index).to_bytes(_LENGTH, "little")


def use_archive(package: str, first: str) -> None:
    """Import from the archive of the package in the folder *package*, if it has one that fits.

    Args:
        package: absolute path.
        first: name of a group to import at once. An import statement would first look for the
            packages around the module, one after the other.
    """
    path = archive_path(package)
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115 - `with` begins below
    except OSError:
        return
    with file:
        head = file.read(HEADER)
        length = int.from_bytes(head[-_LENGTH:], "little")
        index = file.read(length)
    if len(index) == length and head == header(index):
        places = marshal.loads(index)  # noqa: S302 - whoever can write it can write .pyc files
        archive = Archive(path, package, places)
        sys.meta_path.insert(0, archive)
        archive.import_group(first)


class Archive:
    """Finds the last module of each group, after it has executed the others."""

    def __init__(self, path: str, package: str, places: Mapping[str, Place]) -> None:
        self._path = path
        self._package = package
        self._places = dict(places)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a module's specification; None where the ordinary import shall look."""
        del path, target
        modules = self._take(name)
        if not modules:
            return None
        last = modules.pop()
        self._execute_all(modules)
        return self._specify(last)

    def import_group(self, name: str) -> None:
        """Import a group, if it is there and fits."""
        self._execute_all(self._take(name))

    def _take(self, name: str) -> list[Module]:
        """Return a group's modules, once; empty if there is none or a source has changed."""
        place = self._places.pop(name, None)
        return [] if place is None else self._read(place)

    def _is_unchanged(self, source: Source) -> bool:
        name, time, size = source
        try:
            found = os.stat(f"{self._package}/{name}")
        except OSError:
            return False
        return found.st_mtime_ns == time and found.st_size == size

    def _read(self, place: Place) -> list[Module]:
        offset, length, rest = place
        # Not kept open: a caller's descriptors are passed on by their numbers.
        fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            sources = marshal.loads(os.pread(fd, length, offset))  # noqa: S302 - as above
            if not all(map(self._is_unchanged, sources)):
                return []
            text = os.pread(fd, rest, offset + length)
        finally:
            os.close(fd)
        return marshal.loads(text)  # type: ignore[no-any-return]  # noqa: S302 - as above

    def _specify(self, module: Module) -> ModuleSpec:
        name, file, is_package, code = module
        path = f"{self._package}/{file}"
        loader: Any = Executor(path, code)
        spec = ModuleSpec(name, loader, origin=path, is_package=is_package)
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(path.rpartition("/")[0])
        return spec

    def _execute_all(self, modules: list[Module]) -> None:
        for module in modules:
            if module[0] not in sys.modules:
                self._execute(module)

    def _execute(self, described: Module) -> None:
        """Import a module as the import system does, but without asking it."""
        spec = self._specify(described)
        module = sys.modules[spec.name] = ModuleType(spec.name)
        module.__spec__, module.__loader__, module.__package__ = spec, spec.loader, spec.parent
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        try:
            spec.loader.exec_module(module)  # type: ignore[union-attr]
        except BaseException:
            del sys.modules[spec.name]
            raise
        parent, _, name = spec.name.rpartition(".")
        setattr(sys.modules[parent], name, module)


class Executor:
    """Executes one module; what PEP 451 calls a loader."""

    def __init__(self, path: str, code: CodeType) -> None:
        self._path = path
        self._code = code

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the making of the module to the import system."""

    def exec_module(self, module: ModuleType) -> None:
        """Execute it."""
        module.__file__ = self._path
        exec(self._code, module.__dict__)  # noqa: S102 - this is what importing is
