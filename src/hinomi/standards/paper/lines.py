"""Where lines break: Japanese line breaking rules (禁則処理) and whole words and numbers.

JIS X 4051:2004, 日本語文書の組版方法, 6.1 and 8.1, in the classes of W3C's Requirements for
Japanese Text Layout (https://www.w3.org/TR/jlreq/, appendix A): what may not begin a line, what
may not end one, what is not torn apart. A character that would begin a line takes the one before
it along (追い出し).
"""

from __future__ import annotations

from collections.abc import Callable

NOT_FIRST = frozenset(
    "’”)〕]}〉》」』】⦆〙〗»）］｝｠〟"  # cl-02 closing brackets
    "‐〜゠–"  # cl-03 hyphens
    "！？‼⁇⁈⁉!?"  # cl-04 dividing punctuation
    "・：；:;"  # cl-05 middle dots
    "。．."  # cl-06 full stops
    "、，,"  # cl-07 commas
    "ヽヾゝゞ々〻"  # cl-09 iteration marks
    "ー"  # cl-10 prolonged sound mark
    "ぁぃぅぇぉァィゥェォっゃゅょゎゕゖッャュョヮヵヶ"  # cl-11 small kana
    "ㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
    "°′″℃¢%‰％℉"  # cl-13 what follows a number
)
"""行頭禁則文字."""
NOT_LAST = frozenset(
    "‘“([{〈《「『【⦅〘〖«（［｛｟〝"  # cl-01 opening brackets
    "¥＄￥£#€№$＃"  # cl-12 what precedes a number
)
"""行末禁則文字."""
TOGETHER = frozenset("—…‥〳〴〵")
"""分離禁止文字 (cl-08): two of the same are not torn apart."""
_JOINS = frozenset(".,:/-_+~%#=&@?!'()[]")
"""Within a Latin word, a number or an address."""


def may_break(before: str, after: str) -> bool:
    """Tell whether a line may end after one character and begin with the next.

    Example:
        >>> may_break("震", "度"), may_break("た", "。"), may_break("「", "避"), may_break("1", "2")
        (True, False, False, False)
    """
    if before.isspace():
        return not after.isspace()
    if after.isspace():
        return False
    if after in NOT_FIRST or before in NOT_LAST or (before in TOGETHER and after == before):
        return False
    return not (_latin(before) and _latin(after))


def _latin(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in _JOINS)


def broken(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Return a text with a line feed wherever a line of that width has to break.

    Args:
        text: its own line feeds stay.
        width: of the line, in the measure's unit.
        measure: returns a character's width.
    """
    return "\n".join(line for part in text.split("\n") for line in _lines(part, width, measure))


def _lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    lines: list[str] = []
    start, used, may = 0, 0.0, 0
    at = 0
    while at < len(text):
        own = measure(text[at])
        if at > start and may_break(text[at - 1], text[at]):
            may = at
        # A blank at a line's end stands in the margin.
        if used + own > width and at > start and not text[at].isspace():
            # Where nothing in the line may break, it breaks all the same: what is cut is not read.
            end = may if may > start else at
            lines.append(text[start:end].rstrip())
            start = at = may = end
            used = 0.0
            continue
        used += own
        at += 1
    lines.append(text[start:].rstrip() if lines else text[start:])
    return lines
