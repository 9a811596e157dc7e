"""What is found while a message is read: codes, places, Japanese and English."""

from __future__ import annotations

from hinomi.kernel.errors import Grade, Problem, Text

TEXTS: dict[str, Text] = {
    "cap.too-large": Text("大きすぎます。", "The document is too large."),
    "cap.dtd": Text(
        "DTDや実体の宣言は受け付けません。", "Document types and entities are refused."
    ),
    "cap.not-xml": Text("XMLとして読めません。", "This is no well-formed XML."),
    "cap.no-alert": Text("CAPのalert要素がありません。", "There is no CAP alert element."),
    "cap.index": Text(
        "警報の一覧で、警報そのものは入っていません。フィードとして登録してください。",
        "A list of alerts that holds none itself; poll it as a feed.",
    ),
    "cap.missing": Text("必須の要素がありません。", "A required element is missing."),
    "cap.empty": Text("必須の要素が空です。", "A required element is empty."),
    "cap.value": Text("規格にない値です。", "The value is none of the standard's."),
    "cap.repeated": Text("1つだけの要素が繰り返されています。", "An element is repeated."),
    "cap.unknown-element": Text("規格にない要素です。", "The standard has no such element."),
    "cap.order": Text(
        "要素の順序が規格と違います。", "The elements are not in the standard's order."
    ),
    "cap.identifier": Text(
        "識別子に空白・コンマ・<・&は使えません。", "No blank, comma, < or & may be in it."
    ),
    "cap.time": Text("日時を読めません。", "The time cannot be read."),
    "cap.time-form": Text(
        "日時の形が規格と違います。読めたとおりに使いました。",
        "The time is not written as the standard has it; used as understood.",
    ),
    "cap.no-zone": Text(
        "日時に時差がありません。UTCとみなしました。", "The time has no zone; taken as UTC."
    ),
    "cap.references-missing": Text(
        "以前の情報を指すreferencesがありません。", "It must name the messages it is about."
    ),
    "cap.reference": Text(
        "referencesは「送信者,識別子,日時」です。", "A reference is sender,identifier,sent."
    ),
    "cap.restriction-missing": Text(
        "Restrictedにはrestrictionが必要です。", "Restricted needs a restriction."
    ),
    "cap.addresses-missing": Text("Privateにはaddressesが必要です。", "Private needs addresses."),
    "cap.expires": Text("終了が開始より前です。", "It expires before it begins."),
    "cap.language": Text("言語の書き方が違います(RFC 3066)。", "This is no RFC 3066 language tag."),
    "cap.number": Text("数として読めません。", "This is no number."),
    "cap.position": Text(
        "緯度,経度として読めません。この図形は使いません。",
        "This is no latitude,longitude; the shape is left out.",
    ),
    "cap.polygon-unclosed": Text(
        "多角形が閉じていません。閉じて使いました。", "The polygon is not closed; closed by us."
    ),
    "cap.polygon-crossing": Text(
        "多角形が自分と交わっています。直して使いました。",
        "The polygon crosses itself; repaired by us.",
    ),
    "cap.polygon-small": Text("多角形に4点以上が必要です。", "A polygon has at least 4 positions."),
    "cap.polygon-empty": Text("多角形に面積がありません。", "The polygon encloses nothing."),
    "cap.circle-point": Text(
        "半径0の円です。地点として使いました。", "A circle of radius 0; used as a point."
    ),
    "cap.circle-drawn": Text(
        "円を多角形にしました(半径±0.5%)。", "The circle is drawn as a polygon (within 0.5 %)."
    ),
    "cap.shape-large": Text("頂点が多すぎます。", "The shape has too many positions."),
    "cap.altitude": Text("ceilingにはaltitudeが必要です。", "A ceiling needs an altitude."),
}  # fmt: skip
"""Every finding's text by its code."""


class Findings:
    """The findings of one document, bounded."""

    MOST = 500

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(
        self, code: str, path: str, grade: Grade = "alarm", *, found: str = "", expected: str = ""
    ) -> None:
        """Keep a finding; beyond the limit the rest is left out, errors never are."""
        if len(self.problems) < self.MOST or grade == "error":
            problem = Problem(code, path, TEXTS[code], grade, found[:200], expected)
            self.problems.append(problem)
