"""Limits and times that pages state are those of the code."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from hinomi.apps.web import app, http, receiving, stream
from hinomi.kernel.store import MAX_LIMIT
from hinomi.runtime import config, feeds, operations, watch
from hinomi.runtime.drill import library
from hinomi.runtime.drill.scenario import Quake
from hinomi.runtime.unpacking import Limits
from hinomi.standards.cql2 import limits as cql2
from hinomi.standards.jmaxml import xml
from hinomi.vocabulary.areas import codes

MB = 1 << 20
POLL = feeds.Poll()
UNPACK = Limits()
DRILL = library.load(library.FIRST, date(2026, 6, 1))
QUAKE = str(next(e.after for e in DRILL.events if isinstance(e.detail, Quake)))[:4]
WORDS = {0.5: "half a second", 3: "three", 9: "nine"}


@pytest.mark.parametrize(
    ("page", "stated"),
    [
        ("how-to/ingest.md", f"One file or member {UNPACK.member_bytes // MB} MB"),
        ("how-to/ingest.md", f"one archive {UNPACK.total_bytes // MB // 1024} GB unpacked"),
        ("how-to/ingest.md", f"{UNPACK.ratio} : 1 once past {UNPACK.free_bytes // MB} MB"),
        ("how-to/ingest.md", f"{WORDS[UNPACK.depth]} deep"),
        ("how-to/ingest.md", f"not changed for {WORDS[watch.STABLE_S]}"),
        ("how-to/feeds.md", f"at {POLL.after_minute_s:.0f} seconds past each minute"),
        ("how-to/feeds.md", f"{POLL.timeout_s:.0f} s without a byte or {POLL.deadline_s:.0f} s"),
        ("how-to/feeds.md", f"waits double from {POLL.backoff_s:.0f} s to half an hour"),
        ("how-to/feeds.md", f"{feeds.MAX_TELEGRAM_BYTES // 10**6} MB"),
        ("how-to/drill.md", f"at {config.DRILL_SPEED:.0f} times life"),
        ("how-to/drill.md", f"{WORDS[DRILL.length / timedelta(hours=1)]} hours"),
        ("how-to/drill.md", f"| {QUAKE} | an earthquake, 震度5強 |"),
        ("reference/operations.md", f"the first {operations.MAX_PROBLEMS})"),
        ("reference/api.md", f"above {MAX_LIMIT:,} is taken as {MAX_LIMIT:,}"),
        ("reference/api.md", f"Query string {http.MAX_QUERY // 1024} KB"),
        (
            "reference/api.md",
            f"body {http.MAX_BODY // MB} MB within {receiving.BODY_SECONDS:.0f} s",
        ),
        ("reference/api.md", f"given up after {app.HEAVY_SECONDS:.0f} s"),
        ("reference/api.md", f"A process takes {stream.MAX_SUBSCRIBERS:,} stream subscribers"),
        ("reference/api.md", f"comes every {stream.HEARTBEAT_S:.0f} s"),
        ("reference/api.md", f"within\n{stream.TICK_S * 1000:.0f} ms go out in one piece"),
        ("reference/api.md", f"does not take in {stream.MAX_WAITING // MB} MB"),
        ("reference/cql2.md", f"| characters of a filter | {cql2.LENGTH:,}"),
        ("reference/cql2.md", f"| levels of nesting | {cql2.DEPTH} |"),
        ("reference/cql2.md", f"| predicates and operators | {cql2.NODES:,} |"),
        ("reference/cql2.md", f"positions in one geometry | {cql2.VALUES:,} |"),
        ("reference/jma.md", f"at most {xml.MAX_BYTES // 10**6} MB and {xml.MAX_ELEMENTS:,} el"),
        ("reference/jma.md", f" and {xml.MAX_DEPTH} levels"),
    ],
)
def test_a_limit_is_the_code_s(root: Path, page: str, stated: str) -> None:
    assert stated in (root / "docs" / page).read_text(encoding="utf-8")


def test_the_area_master_has_as_many_rows_as_its_page_says(root: Path) -> None:
    text = (root / "docs/reference/areas.md").read_text(encoding="utf-8")
    counted = Counter(entry.kind for entry in codes.every())
    assert f"{counted.total():,} rows" in text
    stated = re.findall(r"^\| ([a-z]+) \| ([\d,]+)", text, flags=re.MULTILINE)
    stated += re.findall(r"\b([a-z]+) (\d+)(?=,| \|)", _line(text, "| tsunami "))
    assert {kind: int(count.replace(",", "")) for kind, count in stated} == counted


def _line(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_the_settings_are_stated_with_their_defaults(root: Path) -> None:
    text = (root / "docs/reference/cli.md").read_text(encoding="utf-8")
    settings = config.Config()
    for name in ("host", "port", "workers"):
        assert f"{name} = {msgspec.json.encode(getattr(settings, name)).decode()}" in text
        assert f"--{name} {getattr(settings, name)}" in text
