"""How JMA's hazards, levels and kinds are said in CAP.

CAP 1.2 section 3.2.2 defines the words: Extreme "extraordinary threat to life or property",
Severe "significant", Moderate "possible", Minor "minimal to no known threat"; Immediate
"responsive action should be taken immediately", Expected "soon (within next hour)", Future "in
the near future". What the levels ask of people, and how near the danger is, stands in
避難情報に関するガイドライン (内閣府, 令和3年5月), table of 警戒レベル. No public national CAP
profile of Japan was found: the assignment of one to the other is ours.
"""

from __future__ import annotations

import msgspec

from hinomi.kernel.errors import Text


class Grade(msgspec.Struct, frozen=True):
    """CAP's three words, and what people should do."""

    urgency: str
    severity: str
    certainty: str
    responses: tuple[str, ...]


LEVELS: dict[int, Grade] = {
    5: Grade("Immediate", "Extreme", "Likely", ("Shelter",)),
    4: Grade("Immediate", "Severe", "Likely", ("Evacuate",)),
    3: Grade("Expected", "Severe", "Likely", ("Prepare",)),
    2: Grade("Future", "Moderate", "Possible", ("Monitor",)),
    1: Grade("Future", "Minor", "Possible", ("Monitor",)),
}
"""警戒レベル: 5 災害発生又は切迫, 4 災害のおそれ高い, 3 災害のおそれあり, 2 and 1 気象状況悪化."""

TSUNAMI: dict[str, Grade] = {
    "major_warning": Grade("Immediate", "Extreme", "Likely", ("Evacuate",)),
    "warning": Grade("Immediate", "Severe", "Likely", ("Evacuate",)),
    "advisory": Grade("Immediate", "Moderate", "Likely", ("Avoid",)),
    "forecast": Grade("Expected", "Minor", "Likely", ("Monitor",)),
}
"""大津波警報, 津波警報, 津波注意報, 若干の海面変動: JMA asks to leave at once for the first three
(https://www.jma.go.jp/jma/kishou/know/faq/faq26.html)."""
TSUNAMI_NAMES: dict[str, Text] = {
    "major_warning": Text("大津波警報", "Major tsunami warning"),
    "warning": Text("津波警報", "Tsunami warning"),
    "advisory": Text("津波注意報", "Tsunami advisory"),
    "forecast": Text("津波予報(若干の海面変動)", "Slight sea-level change"),
}

VOLCANO: dict[int, Grade] = {
    5: Grade("Immediate", "Extreme", "Likely", ("Evacuate",)),
    4: Grade("Expected", "Severe", "Likely", ("Prepare",)),
    3: Grade("Expected", "Severe", "Possible", ("Avoid",)),
    2: Grade("Expected", "Moderate", "Possible", ("Avoid",)),
}
"""噴火警戒レベル: 5 避難, 4 高齢者等避難, 3 入山規制, 2 火口周辺規制; 1 is no warning."""

INTENSITIES: tuple[tuple[float, Grade], ...] = (
    (5.5, Grade("Past", "Extreme", "Observed", ("Assess",))),
    (4.5, Grade("Past", "Severe", "Observed", ("Assess",))),
    (3.5, Grade("Past", "Moderate", "Observed", ("Monitor",))),
    (0.0, Grade("Past", "Minor", "Observed", ("None",))),
)
"""By instrumental intensity from 震度6弱, 5弱, 4 on (気象庁震度階級関連解説表)."""

CATEGORIES: dict[str, tuple[str, ...]] = {
    "landslide": ("Geo", "Met"),
    "avalanche": ("Geo", "Met"),
    "heat": ("Met", "Health"),
}
"""Hazards that are not of the weather (``Met``) alone."""
EARTH = ("Geo",)
