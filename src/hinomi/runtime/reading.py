"""Reading one payload: find its source, parse, and turn whatever happens into an outcome."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256

import msgspec

from hinomi.kernel.errors import DataError, HinomiError, Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Complete, Origin, Readings, Record
from hinomi.runtime.archives import Refusal
from hinomi.runtime.operations import NO_SOURCE, Outcome
from hinomi.vocabulary.walked import Walked

log = logging.getLogger("hinomi.intake")

_BOUNDARIES = b'"N03_007"'
"""The municipality's code in MLIT's 国土数値情報 N03."""
_ZIP = b"PK\x03\x04"
MAX_REFUSED = 10_000
"""Problems of one payload that are held."""
MAX_BODY = 2_000_000
"""Bytes of one statement, its place apart; the largest of real senders: some hundred thousand."""
AHEAD = timedelta(days=1)
"""How far a sender's clock may be ahead of ours."""


class Watching:
    """A gazetteer that remembers which areas had no geometry, so that they can be joined later."""

    def __init__(self, inner: Gazetteer) -> None:
        self._inner = inner
        self.missed: set[str] = set()

    def place(self, code: str, on: date) -> Geometry | None:
        """Return the area's geometry on that day, or None where it is not known."""
        found = self._inner.place(code, on)
        if found is None:
            self.missed.add(code)
        return found

    def knows(self, code: str, on: date) -> bool:
        """Tell whether the code is in the master on that day."""
        return self._inner.knows(code, on)


class Read(msgspec.Struct, kw_only=True):
    """A payload, what was understood of it, and by which source."""

    payload: Payload
    source_id: str
    parsed: Parsed
    outcome: Outcome = "understood"
    file: str = ""
    """The file that it came in, for the report."""
    places_missing: int = 0
    kept: bool = True
    """False where the bytes were not even read (a bomb, a name that climbs)."""

    @property
    def reading_count(self) -> int:
        """Return how many readings the payload states."""
        return sum(len(batch.rows) for batch in self.parsed.readings)

    @property
    def refused(self) -> int:
        """Return how many parts were refused."""
        return sum(p.grade == "error" for p in self.parsed.problems)

    def refuse(self, refused: list[tuple[str, Exception]]) -> None:
        """Tell what the store refused: problems of this payload, the first of them one by one."""
        room = max(0, MAX_REFUSED - len(self.parsed.problems))
        self.parsed.problems.extend(_refused_by_store(*one) for one in refused[:room])
        ours = any(not isinstance(error, HinomiError) for _, error in refused)
        self.outcome = "fault" if ours else outcome_of(self.parsed)


def read(payload: Payload, sources: Iterable[Source], gazetteer: Gazetteer, now: datetime) -> Read:
    """Return what today's sources understand of a payload; nothing is raised, nothing dropped."""
    source = source_of(payload, sources)
    if source is None:
        return _without_source(payload)
    watching = Watching(gazetteer)
    try:
        parsed = source.parse(payload, watching)
    except DataError as error:
        parsed = Parsed(problems=list(error.problems))
    except HinomiError as error:
        parsed = Parsed(problems=[Problem("intake.refused", "", error.text)])
    except Exception as error:
        log.exception("hop=3 source=%s payload=%s parse failed", source.id, payload.address)
        return Read(
            payload=payload,
            source_id=source.id,
            parsed=Parsed(problems=[_fault(error)]),
            outcome="fault",
        )
    _refuse_vast(parsed, payload)
    _refuse_future(parsed, now + AHEAD)
    found = Read(
        payload=payload,
        source_id=source.id,
        parsed=parsed,
        outcome=outcome_of(parsed),
        places_missing=len(watching.missed),
    )
    if found.outcome == "unknown" and not any(p.grade == "alarm" for p in parsed.problems):
        parsed.problems.append(_nothing_understood(parsed.kind or payload.name))
    _set_origins(parsed, payload)
    return found


def _refuse_vast(parsed: Parsed, payload: Payload) -> None:
    """Refuse statements that no screen, page or packet could carry: a name of ten megabytes."""
    if len(payload.data) <= MAX_BODY or isinstance(parsed.records, Walked):
        return
    kept = []
    for record in parsed.records:
        size = len(msgspec.json.encode(record.body))
        if size <= MAX_BODY:
            kept.append(record)
            continue
        text = Text("記録が大きすぎます。", "The statement is too large.")
        path = record.origin.path
        parsed.problems.append(
            Problem("intake.record-too-large", path, text, found=f"{record.key[:80]}: {size} bytes",
                    expected=f"at most {MAX_BODY} bytes")
        )  # fmt: skip
    parsed.records = kept


def _refuse_future(parsed: Parsed, latest: datetime) -> None:
    """Refuse what is dated ahead of the clock: it would hide all that is said until then."""
    walked = isinstance(parsed.records, Walked)
    said = (
        [parsed.records.said_at]
        if isinstance(parsed.records, Walked)
        else [r.said_at for r in parsed.records]
    )
    stated = [*said, *(c.said_at for c in parsed.complete)]
    ahead = [said_at for said_at in stated if said_at > latest]
    if not ahead:
        return
    parsed.records = [] if walked else [r for r in parsed.records if r.said_at <= latest]
    parsed.complete = [c for c in parsed.complete if c.said_at <= latest]
    text = Text(
        "発表時刻が未来です。それまでの情報を隠すため受け付けません。",
        "It is dated in the future, and would hide all that is said until then.",
    )
    found, expected = max(ahead).isoformat(), f"at most {latest.isoformat(timespec='seconds')}"
    parsed.problems.append(Problem("intake.future", "", text, found=found, expected=expected))


def refusal(refused: Refusal, at: datetime) -> Read:
    """Return what stands for bytes that were not read; its key is its address' digest."""
    payload = Payload(
        data=b"",
        name=refused.name,
        address=refused.path,
        digest=sha256(refused.path.encode(errors="surrogateescape")).hexdigest(),
        taken_at=at,
    )
    return Read(
        payload=payload,
        source_id=NO_SOURCE,
        parsed=Parsed(problems=[refused.problem]),
        outcome="refused",
        kept=False,
    )


def source_of(payload: Payload, sources: Iterable[Source]) -> Source | None:
    """Return the first source that takes the payload.

    A source takes a zip only as a package. One that takes it without a zip's first bytes, too, saw
    the text of a member that is not compressed: that is for the member itself.
    """
    inside = _unmarked(payload)
    for source in sources:
        try:
            if source.detect(payload) and not (inside is not None and source.detect(inside)):
                return source
        except Exception:
            log.exception("hop=2 source=%s payload=%s detect failed", source.id, payload.address)
    return None


def _unmarked(payload: Payload) -> Payload | None:
    """Return a zip without the first bytes, which make it one; None for all else."""
    if not payload.data.startswith(_ZIP):
        return None
    return msgspec.structs.replace(payload, data=payload.data[len(_ZIP) :])


def outcome_of(parsed: Parsed) -> Outcome:
    """Return the outcome: parsed is not understood, so empty is never a success.

    Nor is a payload of an unknown type one, though its heading may have become a notice. A source
    that gives nothing because the sender says that there is nothing notes just that.
    """
    anything = bool(parsed.records or parsed.readings or parsed.complete)
    if any(p.grade == "error" for p in parsed.problems):
        return "partly" if anything else "refused"
    if any(p.code.endswith(".unknown-type") for p in parsed.problems):
        return "unknown"
    said_empty = {problem.grade for problem in parsed.problems} == {"note"}
    return "understood" if anything or said_empty else "unknown"


def _without_source(payload: Payload) -> Read:
    suffix = payload.name.rsplit(".", 1)[-1].lower() if "." in payload.name else ""
    is_boundaries = _BOUNDARIES in payload.data[:65_536]
    problem = Problem(
        "intake.unknown-format",
        "",
        Text(
            "どの情報源の形式でもありません(保存はしました)。",
            "is of no source's format; it is kept.",
        )
        if not is_boundaries
        else Text(
            "市区町村の境界です。取り込むには: hinomi areas import ファイル",
            "holds municipality boundaries; take them in with: hinomi areas import FILE.",
        ),
        grade="alarm",
        found=f".{suffix}" if suffix else "",
        expected="bytes that a source of the catalogue takes",
    )
    return Read(
        payload=payload,
        source_id=NO_SOURCE,
        parsed=Parsed(problems=[problem]),
        outcome="unknown",
    )


def _nothing_understood(kind: str) -> Problem:
    return Problem(
        "intake.nothing-understood",
        "",
        Text(f"内容を何も読み取れませんでした: {kind}", f"Nothing was understood of it: {kind}."),
        grade="alarm",
        found=kind,
        expected="at least one record or reading",
    )


def _fault(error: Exception) -> Problem:
    name = type(error).__name__
    return Problem(
        "intake.fault",
        "",
        Text(f"内部障害 {name}: {error}"[:500], f"Our fault, {name}: {error}"[:500]),
        found=name,
    )


def _refused_by_store(path: str, error: Exception) -> Problem:
    if isinstance(error, HinomiError):
        return Problem("intake.refused-record", path, error.text)
    return _fault(error).within(path)


def _set_origins(parsed: Parsed, payload: Payload) -> None:
    """Name the payload where the parser left the origin empty; the path inside stays its own."""
    shared = Origin(digest=payload.digest, address=payload.address)
    statements: list[Record | Readings | Complete] = [
        *(() if isinstance(parsed.records, Walked) else parsed.records),
        *parsed.readings,
        *parsed.complete,
    ]
    for statement in statements:
        origin = statement.origin
        if origin.digest or origin.run:
            continue
        if origin.path or origin.address:
            full = msgspec.structs.replace(
                origin, digest=payload.digest, address=origin.address or payload.address
            )
        else:
            full = shared
        # Fresh from the parser and not shared yet: setting in place saves a copy of each record.
        msgspec.structs.force_setattr(statement, "origin", full)
