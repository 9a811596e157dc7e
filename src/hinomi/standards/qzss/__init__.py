"""QZSS (みちびき) disaster and crisis reports: DCR of JMA, DCX of J-Alert, L-Alert and others.

IS-QZSS-DCR and IS-QZSS-DCX, Cabinet Office; bits and code tables are read by ``azarashi``
(https://pypi.org/project/azarashi, MIT). A message comes every few seconds from each satellite.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from hinomi.kernel.errors import Problem, Text, UnavailableError

Act = Literal["issue", "correction", "cancel"]
ACTS: dict[int, Act] = {0: "issue", 1: "correction", 2: "cancel"}
"""IS-QZSS-DCR, Table 4.1.2-5 (It)."""
TRAINING = 7
"""Report classification 訓練/試験: one code for both (Table 4.1.2-2, Rc)."""
HALF_YEAR = timedelta(days=180)
MAX_LINES = 100_000
_SENTENCE = re.compile(rb"\$QZQSM,[0-9]{2},[0-9A-Fa-f]{63}\*[0-9A-Fa-f]{2}")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report: what is said, without which satellite said it and when it was heard."""

    kind: str
    """azarashi's class: ``Hypocenter``, ``Tsunami``, ``LAlert``, …"""
    exercise: bool
    """訓練 or 試験: never actual."""
    act: Act
    reported_at: datetime
    """Of DCX, which has none: when it was received."""
    dated: bool
    """``reported_at`` is the sender's (its year is ours)."""
    stated: dict[str, Any]
    """The decoded fields by azarashi's names: words, and ``…_raw`` codes."""
    text: str
    """As azarashi writes it for people."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One line of NMEA: a report, or why there is none."""

    line: int
    report: Report | None = None
    problem: Problem | None = None


def looks_like(data: bytes) -> bool:
    """Tell whether a file's first bytes hold a QZQSM sentence."""
    return b"$QZQSM," in data[:4096]


def message(line: bytes) -> bytes | None:
    """Return what a QZQSM sentence carries without the satellite and preamble: its repeats are one.

    Example:
        >>> message(b"$GPGGA,1*00") is None
        True
    """
    found = _SENTENCE.search(line)
    # 8 bits of preamble precede, 24 of CRC over both follow (IS-QZSS-DCR, section 4.1.1); the bits
    # between the last whole digit and the CRC are of the format's version.
    return found[0].split(b",")[2][2:55].upper() if found else None


def decode(data: bytes, received_at: datetime) -> list[Heard]:
    """Return what every QZQSM line of NMEA says; other sentences are no matter of ours.

    Raises:
        UnavailableError: the extra ``qzss`` is not installed.
    """
    heard = []
    for number, line in enumerate(data.splitlines()[:MAX_LINES], start=1):
        if b"$QZQSM" in line:
            heard.append(_line(number, line, received_at))
    return heard


def _line(number: int, line: bytes, received_at: datetime) -> Heard:
    try:
        import azarashi  # noqa: PLC0415
    except ImportError:
        raise UnavailableError(
            "Satellite reports need the extra: pip install 'hinomi[qzss]'.",
            "衛星の通報にはpip install 'hinomi[qzss]'が必要です。",
        ) from None
    sentence = line[line.index(b"$QZQSM") :].strip().decode("ascii", "replace")
    try:
        found = azarashi.decode(sentence, timestamp=received_at)
        if found.message_type == "DCR":
            # It takes the year nearest to a time; no report is from the future, so the year is
            # the one nearest to half a year ago.
            found = azarashi.decode(sentence, timestamp=received_at - HALF_YEAR)
    except azarashi.AzarashiException as error:
        return Heard(line=number, problem=_refused(number, str(error), sentence))
    fields = {k: v for k, v in vars(found).items() if k not in _TRANSPORT}
    dated = found.message_type == "DCR"
    return Heard(
        line=number,
        report=Report(
            kind=type(found).__name__,
            exercise=fields.get("report_classification_no") == TRAINING
            or fields.get("a1_message_type") == "Test",
            act=ACTS.get(fields.get("information_type_no", 0), "issue"),
            reported_at=fields["report_time"] if dated else received_at,
            dated=dated,
            stated=fields,
            text=str(found),
        ),
    )


_TRANSPORT = {
    *("sentence", "message", "nmea", "raw", "timestamp", "message_header", "preamble"),
    *("satellite_id", "satellite_prn", "satellite_svid", "camf", "satellite_designation_mask"),
    "satellite_designation_mask_type",
}


def _refused(number: int, why: str, sentence: str) -> Problem:
    other = "Message Type 43 or 44" in why
    if other:
        return Problem(
            "qzss.not-for-us",
            f"/line[{number}]",
            Text(
                "災害・危機管理通報ではない信号です(測位補強など)。",
                "A signal that is no disaster report (augmentation or the like).",
            ),
            "note",
            found=why[:200],
        )
    return Problem(
        "qzss.sentence",
        f"/line[{number}]",
        Text("この通報は読めません。", "This report cannot be read."),
        "error",
        found=f"{sentence[:100]} {why}"[:200],
        expected="IS-QZSS-DCR or DCX in $QZQSM",
    )
