"""One verb being carried out: what was said on the command line, joined with the settings."""

from __future__ import annotations

import os

from tuicontainer.locations import default_locations
from tuicontainer.settings import Settings, bundle_roots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.options import Arguments
    from tuicontainer.locations import Locations
    from tuicontainer.supervise.client import Client


class Invocation:
    """What a verb's function gets.

    Attributes:
        options: the verb's own options.
        operands: what is left of the command line.
        settings: flags over environment over files.
        locations: state root and data root.
    """

    def __init__(self, options: Arguments, settings: Settings) -> None:
        self.options = options
        self.operands = options.operands
        self.settings = settings
        self.locations: Locations = default_locations(
            root=settings.root, data_root=settings.data_root
        )

    @property
    def json(self) -> bool:
        """Whether `--format json` was asked for."""
        return bool(self.options.format == "json")

    @property
    def bundle_roots(self) -> tuple[str, ...]:
        """Where bundles are looked for by name."""
        return bundle_roots(self.settings, self.locations)

    def client(self) -> Client:
        """Return a client of the supervisors."""
        from tuicontainer.supervise.client import Client

        return Client(self.locations)


def flags_over(settings: Settings, *levels: Arguments) -> Settings:
    """Return *settings* with the global flags of the command line over them, later ones last."""
    changes: dict[str, object] = {}
    for arguments in levels:
        for key in arguments.given:
            if key == "bundles":
                changes[key] = tuple(os.path.abspath(entry) for entry in arguments.bundles)
            elif key in ("root", "data_root", "read_only", "theme"):
                changes[key] = getattr(arguments, key)
    return settings.replace(**changes)
