"""The spawner's program: `python -I -S …/supervise/__main__.py STATE_ROOT DATA_ROOT`.

Isolated mode (-I) and no `site` (-S) save half of the interpreter's start-up and keep the caller's
environment and current folder out; so the package's own place is added to the path here.
"""

import gc
import os
import sys

gc.disable()
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.dirname(_PACKAGE))

from tuicontainer.archive import use_archive  # noqa: E402 - found by the path above

use_archive(_PACKAGE, "tuicontainer.supervise.birth")
from tuicontainer.supervise.birth import be_born  # noqa: E402 - the same

be_born(sys.argv[1], sys.argv[2])
