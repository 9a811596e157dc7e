"""QZSS reports (DCR, DCX) to the collections that JMA's telegrams fill, and ``hazards.alerts``.

The same statement has the same key as JMA's where the code says it (area and hazard, coast,
volcano, river); ``said_at`` is cut to the minute and the serial is -1, so the telegram of the same
minute is shown whatever the order, and the satellite's statement is kept beside it. It has no
lower rank: a rank holds at any age, and would hide a new warning from the satellite behind last
week's release when the lines are cut, which is what the satellite is for.
"""

from __future__ import annotations

from hinomi.domains.hazards.collections.alerts import ALERTS
from hinomi.domains.hazards.collections.floods import FLOODS
from hinomi.domains.hazards.collections.quakes import EEW, INTENSITIES, QUAKE_REPORTS
from hinomi.domains.hazards.collections.tsunami import TSUNAMI
from hinomi.domains.hazards.collections.volcanoes import VOLCANOES
from hinomi.domains.hazards.collections.warnings import WARNINGS
from hinomi.domains.hazards.observe import qzss_alerts, qzss_ground, qzss_weather
from hinomi.domains.hazards.observe.qzss_shared import Reader, Stating
from hinomi.kernel.errors import HinomiError, Problem, Text
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.standards.qzss import Heard, decode, looks_like

READERS: dict[str, Reader] = {**qzss_ground.READERS, **qzss_weather.READERS, **qzss_alerts.READERS}
"""azarashi's class of report -> its reader. What has none goes to ``hazards.alerts`` as a text."""


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return what the sentences of a receiver's log state; repeats are stated once."""
    parsed = Parsed(kind="qzss")
    seen: set[str] = set()
    for heard in decode(payload.data, payload.taken_at):
        _take(heard, payload, gazetteer, parsed)
    records = []
    for record in parsed.records:
        identity = record.identity()
        if identity not in seen:
            seen.add(identity)
            records.append(record)
    parsed.records = records
    return parsed


def _take(heard: Heard, payload: Payload, gazetteer: Gazetteer, parsed: Parsed) -> None:
    if heard.problem is not None:
        parsed.problems.append(heard.problem)
    if heard.report is None:
        return
    path = f"/line[{heard.line}]"
    stating = Stating(heard.report, payload, path, gazetteer, parsed)
    if heard.report.dated:
        parsed.problems.append(_year(path, heard.report.reported_at.isoformat()))
    try:
        READERS.get(heard.report.kind, qzss_alerts.report)(stating)
    except HinomiError as error:
        parsed.problems.append(Problem("qzss.refused", path, error.text))


def _year(path: str, found: str) -> Problem:
    return Problem(
        "qzss.year-assumed",
        path,
        Text(
            "発表時刻に年がありません。受信時刻から補いました。",
            "The report states no year; taken from the time of reception.",
        ),
        "note",
        found=found,
    )


SOURCE = Source(
    id="qzss",
    title=Text("みちびき 災害・危機管理通報", "QZSS disaster and crisis reports"),
    gives=(
        QUAKE_REPORTS.id,
        INTENSITIES.id,
        EEW.id,
        TSUNAMI.id,
        VOLCANOES.id,
        WARNINGS.id,
        FLOODS.id,
        ALERTS.id,
    ),
    licence="https://qzss.go.jp/en/technical/ps-is-qzss/ps-is-qzss.html",
    reference="IS-QZSS-DCR, IS-QZSS-DCX https://qzss.go.jp/en/technical/ps-is-qzss/ps-is-qzss.html",
    detect=lambda payload: looks_like(payload.data),
    parse=parse,
)
