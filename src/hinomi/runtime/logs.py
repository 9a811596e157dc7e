"""Logging: one line a finding on stderr, ``key=value`` pairs, quiet unless asked."""

from __future__ import annotations

import logging


def set_up(level: str) -> None:
    """Write the logs of this process to stderr from that level up."""
    logging.basicConfig(
        level=getattr(logging, level.upper(), logging.WARNING),
        format="%(asctime)s level=%(levelname)s part=%(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        force=True,
    )
    # Both speak on every request at INFO; their warnings stay.
    for name in ("httpx", "watchfiles.main"):
        logging.getLogger(name).setLevel(logging.WARNING)
