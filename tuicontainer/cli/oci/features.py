"""`features`: what this runtime can do, for callers that adapt to it."""

from __future__ import annotations

from tuicontainer.jsontext import dumps
from tuicontainer.runtime.features import features_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tuicontainer.cli.oci.flags import Parsed
    from tuicontainer.cli.oci.main import Invocation


def run(_parsed: Parsed, _invocation: Invocation) -> int:
    """Print the document."""
    print(dumps(features_document(), indent=2))
    return 0
