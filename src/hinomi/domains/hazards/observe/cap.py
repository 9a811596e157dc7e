"""CAP messages of others to ``hazards.alerts``.

State is by references: an Update or a Cancel ends what it names, in whatever order they come.
Only of the same sender, in the same status, and never by a message whose signature is broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from hinomi.domains.hazards.collections.alerts import ALERTS, Code, ReceivedAlert, Said
from hinomi.kernel.errors import HinomiError, Problem, Text
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Complete, Interval, Origin, Record
from hinomi.standards.cap import alert as c
from hinomi.standards.cap.decode import Found, elements, read
from hinomi.standards.cap.findings import Findings
from hinomi.standards.cap.shapes import geometry
from hinomi.standards.cap.signing import Signed, verify
from hinomi.standards.cap.xml import looks_like

STATUSES = {
    "Actual": Status.ACTUAL,
    "Exercise": Status.EXERCISE,
    "Test": Status.TEST,
    # Both are no word to the public: of the network's own workings, and not yet to be acted upon.
    "System": Status.TEST,
    "Draft": Status.TEST,
}
"""CAP 1.2, section 3.2.1 ``status``."""

STANDS_FOR = timedelta(hours=24)
"""Without ``expires`` the standard leaves the end to the recipient; this is ours."""
_ENDING = {"Cancel", "Ack", "Error"}
_TLP = "TLP:"


def parse(payload: Payload, gazetteer: Gazetteer, *, trust: Sequence[bytes] = ()) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return the alerts of a document; one that is refused leaves the others as they are."""
    parsed = Parsed(kind="cap")
    for path, element in elements(payload.data):
        found = read(path, element)
        parsed.problems += found.problems
        if found.alert is None:
            continue
        signed = verify(element, trust, found.alert.sent)
        try:
            _take(found, found.alert, signed, payload, parsed)
        except HinomiError as error:
            parsed.problems.append(Problem("cap.refused", path, error.text))
    return parsed


def _take(found: Found, alert: c.Alert, signed: Signed, payload: Payload, parsed: Parsed) -> None:
    source, rank = lane(signed)
    marked = marking(alert)
    if signed.state == "invalid":
        parsed.problems.append(_broken(found.path, signed))
    records = []
    for number, infos in enumerate(groups(alert), start=1):
        findings = Findings()
        place = geometry(dict.fromkeys(a for i in infos for a in i.areas), found.path, findings)
        parsed.problems += findings.problems
        records.append(
            Record(
                collection=ALERTS.id,
                key=f"{alert.sender},{alert.identifier}/{number}",
                said_at=alert.sent,
                when=_span(alert, infos, found.path, parsed.problems),
                place=place,
                body=body_of(alert, infos, signed),
                source=source,
                rank=rank,
                origin=Origin(payload.digest, payload.address, found.path),
                marking=marked,
            )
        )
    parsed.records += records
    if alert.message_type in {"Update", "Cancel"} and signed.state != "invalid":
        for reference in alert.references:
            _end(alert, reference, records[0], found.path, parsed)


def _end(alert: c.Alert, reference: c.Reference, record: Record, path: str, parsed: Parsed) -> None:
    if reference.sender != alert.sender:
        parsed.problems.append(_foreign(path, reference))
        return
    if (reference.sender, reference.identifier) == (alert.sender, alert.identifier):
        return
    parsed.complete.append(
        Complete(
            collection=ALERTS.id,
            source=record.source,
            said_at=alert.sent,
            covers=(f"{reference.sender},{reference.identifier}/*",),
            keys=(),
            marking=record.marking,
            origin=record.origin,
        )
    )


def lane(signed: Signed) -> tuple[str, int]:
    """Return the source and rank: what nobody vouches for never hides or ends what is signed."""
    if signed.state == "trusted":
        return "cap-signed", 1
    return ("cap-invalid", -1) if signed.state == "invalid" else ("cap", 0)


def marking(alert: c.Alert) -> Marking:
    """Return the marking of status and scope.

    Restricted is AMBER for the operator alone until a person releases it, unless it states a TLP
    label (as ours do); Private is RED for those whom it is addressed to.
    """
    status = STATUSES[alert.status]
    if alert.scope == "Public":
        return Marking(status)
    if alert.scope == "Private":
        return Marking(status, Disclosure.RED, alert.addresses)
    words = alert.restriction.split()
    if words and words[0].startswith(_TLP):
        disclosure = max(Disclosure.GREEN, Disclosure.of(words[0].rstrip(";")))
        return Marking(status, disclosure, alert.addresses)
    return Marking(status, Disclosure.AMBER, alert.addresses)


def groups(alert: c.Alert) -> list[list[c.Info]]:
    """Return the infos, translations of one another together; one empty group where none is.

    Translations share everything but texts: category, urgency, times and the shapes and codes of
    their areas.
    """
    found: dict[object, list[c.Info]] = {}
    for info in alert.infos:
        where = frozenset(
            (area.polygons, area.circles, area.geocodes)
            if area.polygons or area.circles or area.geocodes
            else area.description
            for area in info.areas
        )
        what = (info.categories, info.urgency, info.severity, info.certainty, info.responses)
        found.setdefault((what, info.onset, info.expires, where), []).append(info)
    return list(found.values()) or [[]]


def _span(alert: c.Alert, infos: Sequence[c.Info], path: str, problems: list[Problem]) -> Interval:
    starts = [t for i in infos if (t := i.onset or i.effective) is not None]
    start = min(starts, default=alert.sent)
    ends = [i.expires for i in infos if i.expires is not None]
    end = max(ends, default=None)
    if end is None:
        end = max(start, alert.sent) + STANDS_FOR
        problems.append(
            Problem(
                "cap.no-expires",
                f"{path}/info/expires",
                Text(
                    "終了時刻がありません。24時間で終わるとみなしました。",
                    "It states no end; taken to end after 24 hours.",
                ),
                "note",
            )
        )
    return Interval(min(start, end), end)


def body_of(alert: c.Alert, infos: Sequence[c.Info], signed: Signed) -> ReceivedAlert:
    """Return what the infos of one group say."""
    first = infos[0] if infos else None
    ja = next((i for i in infos if i.language.lower().startswith("ja")), first)
    en = next((i for i in infos if i.language.lower().startswith("en")), first)
    over = alert.message_type in _ENDING or "AllClear" in (first.responses if first else ())
    return ReceivedAlert(
        title=_title(alert, ja),
        title_en=_title(alert, en),
        event=ja.event if ja else "",
        sender=alert.sender,
        sender_name=ja.sender_name if ja else "",
        identifier=alert.identifier,
        message_type=alert.message_type,
        status_stated=alert.status,
        scope=alert.scope,
        in_force=not over,
        categories=list(first.categories) if first else [],
        urgency=first.urgency if first else "Unknown",
        severity=first.severity if first else "Unknown",
        certainty=first.certainty if first else "Unknown",
        responses=list(first.responses) if first else [],
        area="、".join(dict.fromkeys(a.description for a in ja.areas)) if ja else "",
        effective_at=first.effective if first else None,
        onset_at=first.onset if first else None,
        expires_at=first.expires if first else None,
        signature=signed.state,
        signer=signed.signer,
        says=[_said(info) for info in infos],
        geocodes=_codes(p for i in infos for a in i.areas for p in a.geocodes),
        event_codes=_codes(p for i in infos for p in i.event_codes),
        parameters=_codes(p for i in infos for p in i.parameters),
        references=[r.text() for r in alert.references],
        incidents=list(alert.incidents),
        codes=list(alert.codes),
        resources=list(dict.fromkeys(r.uri for i in infos for r in i.resources if r.uri)),
        web=first.web if first else "",
        contact=first.contact if first else "",
        note=alert.note,
        restriction=alert.restriction,
        addresses=list(alert.addresses),
        version=alert.version,
    )


def _title(alert: c.Alert, info: c.Info | None) -> str:
    if info is None:
        return f"{alert.message_type} {alert.identifier}"
    return info.headline or info.event


def _said(info: c.Info) -> Said:
    return Said(
        language=info.language,
        event=info.event,
        headline=info.headline,
        description=info.description,
        instruction=info.instruction,
        sender_name=info.sender_name,
        areas=[area.description for area in info.areas],
    )


def _codes(pairs: Iterable[c.Pair]) -> list[Code]:
    return [Code(p.name, p.value) for p in dict.fromkeys(pairs)]


def _broken(path: str, signed: Signed) -> Problem:
    return Problem(
        "cap.signature",
        f"{path}/Signature",
        Text(
            "署名が合いません。改ざんのおそれがあります。何も取り消させず、印を付けて残しました。",
            "The signature does not fit: perhaps changed. Kept with a mark; it ends nothing.",
        ),
        "alarm",
        found=signed.detail,
        expected="a signature over the whole alert",
    )


def _foreign(path: str, reference: c.Reference) -> Problem:
    return Problem(
        "cap.foreign-reference",
        f"{path}/references",
        Text(
            "他の送信者の情報を更新・取消しようとしています。反映しません。",
            "It would update or cancel another sender's message; not applied.",
        ),
        "alarm",
        found=reference.text()[:200],
        expected="the sender's own messages",
    )


def source(trust: Sequence[bytes] = ()) -> Source:
    """Return the source with the certificates (PEM) of those whose signatures are believed."""
    return Source(
        id="cap",
        title=Text("CAP(共通警報プロトコル)", "CAP alerts"),
        gives=(ALERTS.id,),
        licence=ALERTS.licence,
        reference="http://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html",
        detect=detect,
        parse=partial(parse, trust=tuple(trust)),
    )


def detect(payload: Payload) -> bool:
    """Tell whether the payload holds CAP: its namespace stands in the first kilobytes."""
    return looks_like(payload.data)


SOURCE = source()
