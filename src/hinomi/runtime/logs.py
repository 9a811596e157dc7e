"""Logging: one line a finding on stderr, quiet unless asked.

A message names its part and, where a record is on its way, its hop (1 fetch … 8 map) as
``key=value`` pairs; ``HINOMI_LOG_FORM=json`` makes each line one JSON object with them.
"""

from __future__ import annotations

import logging
import os
import re
from datetime import UTC, datetime
from typing import Any

import msgspec

FORM = "HINOMI_LOG_FORM"
_PAIR = re.compile(r"(\w+)=(\S+)\s*")


class Lines(logging.Formatter):
    """Each finding as a JSON object: time, level, part, hop, text, and the fault's traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        text = record.getMessage()
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "part": record.name,
        }
        while pair := _PAIR.match(text):
            name, value = pair.groups()
            told[name] = int(value) if name == "hop" and value.isdigit() else value
            text = text[pair.end() :]
        told["text"] = text
        if record.exc_info:
            told["fault"] = self.formatException(record.exc_info)
        return msgspec.json.encode(told).decode()


def set_up(level: str) -> None:
    """Write the logs of this process to stderr from that level up."""
    logging.basicConfig(
        level=getattr(logging, level.upper(), logging.WARNING),
        format="%(asctime)s level=%(levelname)s part=%(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        force=True,
    )
    if os.environ.get(FORM) == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(Lines())
    # Both speak on every request at INFO; their warnings stay.
    for name in ("httpx", "watchfiles.main"):
        logging.getLogger(name).setLevel(logging.WARNING)
