"""What JMA says about earthquakes in words (VYSE50-60, VXSE56, VXSE60, VZSE40)."""

from __future__ import annotations

from hinomi.domains.hazards.collections.quakes import ADVISORIES, Advisory, AdvisoryKind, Count
from hinomi.domains.hazards.observe.ground import span
from hinomi.domains.hazards.observe.telegrams import SOURCE, marking, order, origin
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.records import Record
from hinomi.standards.jmaxml import seismology as codec
from hinomi.standards.jmaxml.envelope import Telegram

TYPES = ("VYSE50", "VYSE51", "VYSE52", "VYSE60", "VXSE56", "VXSE60", "VZSE40")

KINDS: dict[str, AdvisoryKind] = {
    "VYSE60": "hokkaido-sanriku",
    "VXSE56": "activity",
    "VXSE60": "count",
    "VZSE40": "notice",
}
"""What is not named here is on the Nankai Trough."""

OVER = {"190"}
"""地震関連情報番号コード: 調査終了."""
STAGES = {"111", "112", "113", "120", "130", "190", "200", "210", "219"}
"""調査中, 巨大地震警戒, 巨大地震注意, 調査終了; 定例解説, 臨時解説, its last."""


def parse(telegram: Telegram, payload: Payload, _gazetteer: Gazetteer) -> Parsed:
    """Return the advisory.

    There is one current 臨時情報, one commentary on it, one monthly commentary and one advisory on
    later quakes: the newest of each holds. The others are kept by their event.
    """
    body = codec.decode(telegram.body)
    parsed = Parsed(problems=list(body.problems))
    head = telegram.head
    advisory = _advisory(telegram, body, parsed.problems)
    parsed.records.append(
        Record(
            collection=ADVISORIES.id,
            key=_key(telegram, advisory),
            said_at=head.reported_at,
            serial=order(telegram),
            when=span(head.reported_at, head.valid_until, parsed.problems),
            body=advisory,
            source=SOURCE,
            origin=origin(payload),
            marking=marking(telegram),
            retracts=head.act == "cancel",
        )
    )
    return parsed


def _key(telegram: Telegram, advisory: Advisory) -> str:
    if advisory.kind == "hokkaido-sanriku":
        return advisory.kind
    if advisory.kind != "nankai":
        return f"{advisory.kind}/{telegram.head.event_id}"
    if telegram.type == "VYSE50":
        return "nankai/extra"
    # VYSE51 and VYSE52 have the same title; only the stage tells the monthly one.
    return "nankai/monthly" if "定例" in advisory.stage else "nankai/commentary"


def _advisory(telegram: Telegram, body: codec.Seismology, problems: list[Problem]) -> Advisory:
    head = telegram.head
    info = body.earthquake_info or codec.EarthquakeInfo()
    stage = info.info_serial or codec.InfoSerial("", "")
    if stage.code and stage.code not in STAGES:
        problems.append(
            Problem(
                "jmaxml.unknown-kind",
                "/Report/Body/EarthquakeInfo/InfoSerial/Code",
                Text("知らない情報番号コードです。", "This stage of an advisory is not known."),
                "alarm",
                found=f"{stage.code} {stage.name}"[:200],
                expected=", ".join(sorted(STAGES)),
            )
        )
    return Advisory(
        kind=KINDS.get(telegram.type, "nankai"),
        telegram=telegram.type,
        title=head.title,
        headline=head.headline,
        event_id=head.event_id,
        info_type=head.info_type,
        stage=stage.name,
        stage_code=stage.code,
        in_force=stage.code not in OVER and head.act != "cancel",
        serial=head.serial,
        text=info.text or body.text or _comment(body),
        appendix=info.appendix,
        next_advisory=body.next_advisory,
        counts=_counts(body),
    )


def _comment(body: codec.Seismology) -> str:
    return body.comments.free_form_comment if body.comments else ""


def _counts(body: codec.Seismology) -> list[Count]:
    items = body.earthquake_count.item if body.earthquake_count else []
    return [
        Count(
            type=item.type,
            start=item.start_time,
            end=item.end_time,
            number=_known(item.number),
            felt=_known(item.felt_number),
        )
        for item in items
    ]


def _known(number: int | None) -> int | None:
    """Return the count; JMA writes -1 for 不明."""
    return None if number is None or number < 0 else number
