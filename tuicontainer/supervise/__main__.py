"""The spawner's program: `python -I -S …/supervise/__main__.py STATE_ROOT DATA_ROOT`.

Isolated mode (-I) and no `site` (-S) save half of the interpreter's start-up and keep the caller's
environment and current folder out; so the package's own place is added to the path here.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from tuicontainer.supervise.birth import be_born

be_born(sys.argv[1], sys.argv[2])
