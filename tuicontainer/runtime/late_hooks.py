"""The hooks of `start` and `delete`, from the configuration as it was at create."""

from __future__ import annotations

from tuicontainer.spec.config import Hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.runtime.folder import StateFolder
    from tuicontainer.runtime.instance import Instance


def read_late_hooks(folder: StateFolder, instance: Instance) -> Hooks:
    """Return the hooks; the configuration is read only if it has some for later.

    Raises:
        OSError: the snapshot can't be read.
    """
    if not instance.late_hooks:
        return Hooks()
    from tuicontainer.spec.decode_hooks import decode_hooks
    from tuicontainer.spec.fields import Fields

    return decode_hooks(Fields(folder.read_config().get("hooks"), "hooks"))
