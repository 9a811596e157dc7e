"""``python -m hinomi.apps.cli``: the command line."""

from __future__ import annotations

import sys

from hinomi.apps.cli import main

if __name__ == "__main__":
    sys.exit(main())
