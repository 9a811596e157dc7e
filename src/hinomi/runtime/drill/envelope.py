"""What all telegrams of a drill share: Control, Head, times, the encoder; Status is 訓練."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from hinomi.vocabulary.times import JST

ROOT = "http://xml.kishou.go.jp/jmaxml1/"
BASIS = f"{ROOT}elementBasis1/"
DRILL_NOTE = "これは訓練です。"
WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")


def encode(document: Any) -> bytes:
    """Return the document's bytes, UTF-8 with a declaration."""
    encoded: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    return encoded


def maker(part: str) -> Any:
    """Return the maker of elements in one of JMA's namespaces."""
    return ElementMaker(namespace=f"{ROOT}{part}", nsmap={None: f"{ROOT}{part}"})


def report(title: str, at: datetime, publisher: str, head: Any, body: Any) -> bytes:
    """Return the whole telegram's bytes; Status is 訓練, whoever asks."""
    make = maker("")
    return encode(
        make.Report(
            make.Control(
                make.Title(title),
                make.DateTime(at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
                make.Status("訓練"),
                make.EditorialOffice(publisher),
                make.PublishingOffice(publisher),
            ),
            head,
            body,
        )
    )


def head(  # noqa: PLR0913  (the parts of JMA's Head)
    at: datetime,
    title: str,
    kind: str,
    version: str,
    headline: Any,
    event: str = "",
    serial: int | None = None,
    *,
    valid_until: datetime | None = None,
) -> Any:
    """Return the Head element, InfoType 発表."""
    make = maker("informationBasis1/")
    until = [] if valid_until is None else [make.ValidDateTime(jst(valid_until))]
    return make.Head(
        make.Title(title),
        make.ReportDateTime(jst(at)),
        make.TargetDateTime(jst(at)),
        *until,
        make.EventID(event),
        make.InfoType("発表"),
        make.Serial("" if serial is None else str(serial)),
        make.InfoKind(kind),
        make.InfoKindVersion(version),
        headline,
    )


def jst(at: datetime) -> str:
    """Return the instant as JMA writes it."""
    return at.astimezone(JST).isoformat(timespec="seconds")


def clock(at: datetime) -> str:
    """Return day, hour and minute as a headline says them."""
    local = at.astimezone(JST)
    return f"{local.day}日{local.hour}時{local.minute:02d}分".translate(WIDE_DIGITS)


def basis() -> Any:
    """Return the maker of JMA's elementBasis1 elements."""
    return ElementMaker(namespace=BASIS, nsmap={"jmx_eb": BASIS})
