"""Many containers over time, by asyncio: one object behind every door but the quick CLI verbs.

`open_engine` is the way in; `api` says what it answers. Loaded lazily, because the pure parts here
(`statistics`, `rates`, `proc`) are also used where no event loop runs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.engine.open import open_engine as open_engine

__all__ = ["open_engine"]


def __getattr__(name: str) -> object:
    if name == "open_engine":
        from tuicontainer.engine.open import open_engine

        return open_engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
