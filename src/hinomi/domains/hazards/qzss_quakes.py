"""Which of the satellite's quakes is one of JMA's: the satellite gives no EventID.

The same is meant where the origin times differ by less than two minutes (the satellite cuts the
seconds; JMA's own times differ between the first and the updated hypocentre) and, where both name
one, the hypocentre's region is the same or a neighbour within 1 degree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from hinomi.domains.hazards.collections.quakes import QUAKE_REPORTS
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored

PREFIX = "qzss-"
NEAR = timedelta(minutes=2)
DEGREES = 1.0


def said_by_jma(reader: Reader, event: str, reports: Sequence[Stored]) -> bool:
    """Tell whether a satellite's event is one that JMA's telegrams speak of."""
    if not event.startswith(PREFIX):
        return False
    return any(same(report, other) for report in reports for other in _near(reader, report))


def satellites_of(reader: Reader, event: str) -> set[str]:
    """Return the satellite's events that one of JMA's may be, wherever its reports were."""
    if event.startswith(PREFIX):
        return set()
    page = reader.find(QUAKE_REPORTS.id, keys=tuple(f"{event}/{t}" for t in _TYPES), limit=100)
    found: set[str] = set()
    for report in page.items:
        for other in _near(reader, report, satellite=True):
            found.add(other.key.partition("/")[0])
    return found


_TYPES = ("VXSE51", "VXSE52", "VXSE53", "VXSE61", "VXSE62")


def _near(reader: Reader, report: Stored, *, satellite: bool = False) -> Iterable[Stored]:
    at = report.when.start
    if at is None:
        return ()
    asked = (at - NEAR, at + NEAR)
    page = reader.find(QUAKE_REPORTS.id, when=asked, limit=1000)
    return [s for s in page.items if s.key.startswith(PREFIX) is satellite]


def same(one: Stored, other: Stored) -> bool:
    """Tell whether two reports of nearly one time are of one quake."""
    codes = [s.body().get("hypocentre_code") for s in (one, other)]
    if not all(codes) or codes[0] == codes[1]:
        return True
    places = [s.place() for s in (one, other)]
    if any(place is None for place in places):
        return False
    (x, y), (u, v) = (place["coordinates"][:2] for place in places if place is not None)
    return bool(abs(x - u) <= DEGREES and abs(y - v) <= DEGREES)
