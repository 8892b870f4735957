"""Limits of kernel memory: engines still pass them, kernels have none of their own any more.

They are left out with a warning, as by runc: the specification calls them deprecated, and all of
the container's kernel memory counts against its `limit` anyway.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.messages import Messages
    from tuicontainer.spec.config import Resources

WARNING = "Kernel memory settings are ignored and will be removed"


def without_kernel_memory(resources: Resources, messages: Messages) -> Resources:
    """Return the limits without those, and say so if there were any."""
    memory = resources.memory
    if memory is None or (memory.kernel is None and memory.kernel_tcp is None):
        return resources
    from tuicontainer.runtime.cgroups.hierarchies import read_hierarchies

    # v1 still has a limit for TCP buffers.
    tcp = None if read_hierarchies().mode == "v2" else memory.kernel_tcp
    if memory.kernel is not None or tcp != memory.kernel_tcp:
        messages.warning(WARNING)
    return resources.replace(memory=memory.replace(kernel=None, kernel_tcp=tcp))
