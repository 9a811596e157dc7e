"""The envelope that all of JMA's telegrams share: Control, Head with its Headline, and the Body.

Described in 気象庁防災情報XMLフォーマット 電文毎の解説資料 and the schemas jmaxml1 and
informationBasis1 (https://xml.kishou.go.jp/tec_material.html).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, TypeVar

import msgspec

from hinomi.kernel.errors import DataError, Grade, Problem, Text
from hinomi.kernel.marking import Status
from hinomi.standards.jmaxml.types import type_of
from hinomi.standards.jmaxml.xml import (
    HEAD,
    JMX,
    Element,
    child,
    child_text,
    children,
    name,
    parse_xml,
    text,
)
from hinomi.vocabulary.times import JST

STATUSES = {"通常": Status.ACTUAL, "訓練": Status.EXERCISE, "試験": Status.TEST}

Word = TypeVar("Word")

Act = Literal["issue", "correction", "delay", "cancel"]
ACTS: dict[str, Act] = {
    "発表": "issue",
    "訂正": "correction",
    "遅延": "delay",
    "取消": "cancel",
}


class Control(msgspec.Struct, frozen=True):
    """伝送情報: the title that fixes the type, when it was sent, its status, and by whom."""

    title: str
    sent_at: datetime | None
    status: Status
    editorial_office: str
    publishing_office: str


class Kind(msgspec.Struct, frozen=True, gc=False):
    """A kind as JMA names and codes it."""

    name: str
    code: str
    condition: str = ""


class Area(msgspec.Struct, frozen=True, gc=False):
    """An area as JMA names and codes it."""

    name: str
    code: str


class Item(msgspec.Struct, frozen=True, gc=False):
    """Kinds that hold for areas; ``code_type`` is the code table of the areas."""

    kinds: tuple[Kind, ...]
    last_kinds: tuple[Kind, ...]
    areas: tuple[Area, ...]
    code_type: str


class Information(msgspec.Struct, frozen=True):
    """One block of the headline: ``type`` says what of, and at which level of areas."""

    type: str
    items: tuple[Item, ...]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """ヘッダ部: the same elements in every telegram. Times are UTC."""

    title: str
    reported_at: datetime
    """ReportDateTime: when it is stated; the newest one holds."""
    target_at: datetime | None
    valid_until: datetime | None
    event_id: str
    """EventID; empty for warnings."""
    act: Act
    """InfoType, in neutral words."""
    info_type: str
    """InfoType as JMA writes it: 発表, 訂正, 遅延, 取消."""
    serial: str
    """Serial as JMA writes it; empty for warnings, a number for quakes."""
    info_kind: str
    info_kind_version: str
    headline: str
    """Headline/Text."""

    @property
    def number(self) -> int:
        """Return Serial as a number, 0 where it is none."""
        return int(self.serial) if self.serial.isascii() and self.serial.isdigit() else 0


class Telegram(msgspec.Struct, frozen=True, kw_only=True):
    """One telegram: ``type`` is its code (``VPWW55``), "" where its title is not known.

    ``body`` is the Body element, handed to the codec of its kind; it is empty when a telegram is
    withdrawn (取消). ``problems`` are findings that did not stop the reading.
    """

    type: str
    control: Control
    head: Head
    headline: Element
    body: Element
    problems: tuple[Problem, ...] = ()

    def informations(self) -> tuple[Information, ...]:
        """Return the headline's blocks, decoded when asked: most kinds repeat them in the body."""
        return tuple(_information(e) for e in children(self.headline, HEAD + "Information"))


def decode(data: bytes) -> Telegram:
    """Return the telegram; its body is left to the codec of its kind.

    Raises:
        DataError: not well-formed or hostile XML, another document than a JMA telegram, or one
            without what orders and marks it (Status, ReportDateTime, InfoType); all faults that
            were found are listed.
    """
    root = parse_xml(data)
    if root.tag != JMX + "Report":
        raise DataError(
            [
                Problem(
                    "jmaxml.not-a-telegram",
                    f"/{name(root)}",
                    Text("気象庁防災情報XMLではありません。", "This is no JMA telegram."),
                    found=str(root.tag)[:200],
                    expected=JMX + "Report",
                )
            ]
        )
    return _Envelope(root).telegram()


FIRST_YEAR, LAST_YEAR = 1900, 2200


@lru_cache(maxsize=4_096)
def plain_time(found: str) -> datetime | None:
    """Return an instant as UTC if it is written with its zone and plausible, else None.

    A telegram repeats few times often; :func:`read_time` says what is wrong with the others.
    """
    try:
        read = datetime.fromisoformat(found)
    except ValueError:
        return None
    if read.tzinfo is None or not FIRST_YEAR < read.year < LAST_YEAR:
        return None
    return read.astimezone(UTC)


def read_time(
    found: str, at: str, report: Callable[[Problem], None], *, grade: Grade = "alarm"
) -> datetime | None:
    """Return an instant as UTC; None for "" and, with a reported problem, for what is none.

    JMA writes ``+09:00`` or ``Z``; a time without a zone is read as Japan's, with a note.
    """
    if not found:
        return None
    try:
        read = datetime.fromisoformat(found)
    except ValueError:
        read = None
    if read is None or not FIRST_YEAR <= read.year <= LAST_YEAR:
        report(
            Problem(
                "jmaxml.time",
                at,
                Text("日時として読めません。", "This is no date and time."),
                grade,
                found=found[:80],
                expected=f"2026-05-28T13:00:00+09:00, year {FIRST_YEAR} to {LAST_YEAR}",
            )
        )
        return None
    if read.tzinfo is None:
        report(
            Problem(
                "jmaxml.zone",
                at,
                Text("時差がないため日本時間とみなします。", "No zone: read as Japan's time."),
                "note",
                found=found[:80],
                expected="+09:00",
            )
        )
        read = read.replace(tzinfo=JST)
    return read.astimezone(UTC)


class _Envelope:
    """Reads the parts of one Report and collects every fault with its path."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def telegram(self) -> Telegram:
        control_element = self.part(JMX + "Control")
        head_element = self.part(HEAD + "Head")
        body = next((e for e in self.root if name(e) == "Body"), None)
        if body is None:
            self.note("missing", "/Report", "Body", "本文(Body)がありません。", "There is no Body.")
        control = self.control(control_element) if control_element is not None else None
        head = self.head(head_element) if head_element is not None else None
        if control is None or head is None or body is None or self.refused():
            raise DataError([p for p in self.problems if p.grade == "error"])
        kind = type_of(control.title)
        if not kind:
            self.note(
                "unknown-type",
                "/Report/Control/Title",
                "a known title",
                "知らない種類の電文です。そのまま保存し、中身は解釈していません。",
                "A telegram of a type that is not known; it is kept and not understood.",
                found=control.title[:200],
                grade="alarm",
            )
        return Telegram(
            type=kind,
            control=control,
            head=head,
            headline=child(head_element, HEAD + "Headline"),
            body=body,
            problems=tuple(self.problems),
        )

    def refused(self) -> bool:
        return any(p.grade == "error" for p in self.problems)

    def part(self, tag: str) -> Element | None:
        found = child(self.root, tag)
        if found is None:
            self.note("missing", "/Report", tag, "要素がありません。", "An element is missing.")
        return found

    def control(self, element: Element) -> Control | None:
        at = "/Report/Control"
        parts = {e.tag: text(e) for e in element}
        title = parts.get(JMX + "Title", "")
        if not title:
            self.note("missing", at, "Title", "情報名称がありません。", "There is no Title.")
        status = self.word(STATUSES, parts.get(JMX + "Status", ""), f"{at}/Status")
        if status is None:
            return None
        return Control(
            title=title,
            sent_at=self.time(parts.get(JMX + "DateTime", ""), f"{at}/DateTime"),
            status=status,
            editorial_office=parts.get(JMX + "EditorialOffice", ""),
            publishing_office=parts.get(JMX + "PublishingOffice", ""),
        )

    def head(self, element: Element) -> Head | None:
        at = "/Report/Head"
        parts = {e.tag: text(e) for e in element}

        def part(local: str) -> str:
            return parts.get(HEAD + local, "")

        reported_at = self.time(part("ReportDateTime"), f"{at}/ReportDateTime", grade="error")
        act = self.word(ACTS, part("InfoType"), f"{at}/InfoType")
        if not part("ReportDateTime"):
            self.note(
                "missing", at, "ReportDateTime", "発表時刻がありません。", "No ReportDateTime."
            )
        if reported_at is None or act is None:
            return None
        return Head(
            title=part("Title"),
            reported_at=reported_at,
            target_at=self.time(part("TargetDateTime"), f"{at}/TargetDateTime"),
            valid_until=self.time(part("ValidDateTime"), f"{at}/ValidDateTime"),
            event_id=part("EventID"),
            act=act,
            info_type=part("InfoType"),
            serial=part("Serial"),
            info_kind=part("InfoKind"),
            info_kind_version=part("InfoKindVersion"),
            headline=child_text(child(element, HEAD + "Headline"), HEAD + "Text"),
        )

    def word(self, words: dict[str, Word], found: str, at: str) -> Word | None:
        """Return what the word means; one that is unknown is refused, never guessed."""
        if found not in words:
            expected = "|".join(words)
            self.note(
                "unknown-word",
                at,
                expected,
                "決められた語ではありません。",
                "The word is none of those that are defined.",
                found=found[:200],
            )
            return None
        return words[found]

    def time(self, found: str, at: str, *, grade: Grade = "alarm") -> datetime | None:
        return read_time(found, at, self.problems.append, grade=grade)

    def note(  # noqa: PLR0913
        self,
        code: str,
        at: str,
        expected: str,
        ja: str,
        en: str,
        *,
        found: str = "",
        grade: Grade = "error",
    ) -> None:
        self.problems.append(
            Problem(f"jmaxml.{code}", at, Text(ja, en), grade, found=found, expected=expected)
        )


def _information(element: Element) -> Information:
    return Information(
        element.get("type", ""), tuple(_item(e) for e in children(element, HEAD + "Item"))
    )


def _item(element: Element) -> Item:
    kinds, last_kinds = [], []
    areas: tuple[Area, ...] = ()
    code_type = ""
    for e in element:
        if e.tag == HEAD + "Kind":
            kinds.append(_kind(e))
        elif e.tag == HEAD + "LastKind":
            last_kinds.append(_kind(e))
        elif e.tag == HEAD + "Areas":
            code_type = e.get("codeType", "")
            areas = tuple(
                Area(child_text(a, HEAD + "Name"), child_text(a, HEAD + "Code"))
                for a in children(e, HEAD + "Area")
            )
    return Item(tuple(kinds), tuple(last_kinds), areas, code_type)


def _kind(element: Element) -> Kind:
    return Kind(
        child_text(element, HEAD + "Name"),
        child_text(element, HEAD + "Code"),
        child_text(element, HEAD + "Condition"),
    )
