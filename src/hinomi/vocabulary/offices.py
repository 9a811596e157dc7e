"""府県予報区等: the areas for which JMA's offices forecast, by name and by code.

From JMA's code table 気象情報／府県予報区・細分区域等: the six-digit codes of the telegrams,
for the few telegrams that name their area in the title alone.
"""

from __future__ import annotations

_PREFECTURES = (
    *("青森", "岩手", "宮城", "秋田", "山形", "福島", "茨城", "栃木", "群馬", "埼玉", "千葉"),
    *("東京", "神奈川", "新潟", "富山", "石川", "福井", "山梨", "長野", "岐阜", "静岡", "愛知"),
    *("三重", "滋賀", "京都", "大阪", "兵庫", "奈良", "和歌山", "鳥取", "島根", "岡山", "広島"),
    *("山口", "徳島", "香川", "愛媛", "高知", "福岡", "佐賀", "長崎", "熊本", "大分", "宮崎"),
)
_SUFFIX = {"東京": "都", "京都": "府", "大阪": "府"}

OFFICES: dict[str, str] = {
    "宗谷地方": "011000",
    "上川・留萌地方": "012000",
    "網走・北見・紋別地方": "013000",
    "十勝地方": "014030",
    "釧路・根室地方": "014100",
    "胆振・日高地方": "015000",
    "石狩・空知・後志地方": "016000",
    "渡島・檜山地方": "017000",
    **{
        name + _SUFFIX.get(name, "県"): f"{number:02d}0000"
        for number, name in enumerate(_PREFECTURES, start=2)
    },
    "奄美地方": "460040",
    "鹿児島県": "460100",
    "鹿児島県(奄美地方除く)": "460100",
    "沖縄本島地方": "471000",
    "大東島地方": "472000",
    "宮古島地方": "473000",
    "八重山地方": "474000",
}
"""Name -> code."""


def office_code(name: str) -> str:
    """Return the code of a 府県予報区, "" for a name that is none.

    Example:
        >>> office_code("埼玉県"), office_code("京都府"), office_code("宮崎県")
        ('110000', '260000', '450000')
    """
    return OFFICES.get(name, "")
