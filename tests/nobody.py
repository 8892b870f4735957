"""Tests that act as somebody without any rights: what the host must allow for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

NOBODY = 65534
CHECKOUT = Path(__file__).resolve().parent.parent


def needs_open_checkout() -> None:
    """Skip the test unless other users can execute this interpreter and read this checkout."""
    module = CHECKOUT / "tuicontainer" / "__init__.py"
    try:
        done = subprocess.run(
            [sys.executable, "-IS", "-c", f"open({str(module)!r}).close()"],
            user=NOBODY,
            group=NOBODY,
            extra_groups=(),
            cwd="/",
            capture_output=True,
            check=False,
        )
    except PermissionError:
        pytest.skip("needs an interpreter that other users may execute")
    if done.returncode != 0:
        pytest.skip("needs a checkout that other users may read")
