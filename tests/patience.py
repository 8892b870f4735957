"""How long a test waits before it calls something hung, or too slow.

TUICONTAINER_TEST_SLOWNESS says how many times slower than usual the machine is; the guest, whose
processor is emulated, sets it.
"""

from __future__ import annotations

import os

SLOWNESS = float(os.environ.get("TUICONTAINER_TEST_SLOWNESS") or 1)


def patient(seconds: float) -> float:
    """Return the seconds to wait on this machine for what usually takes *seconds*."""
    return seconds * SLOWNESS
