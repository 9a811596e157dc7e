"""Kana in Roman letters, as JMA and road signs write them: Hepburn without marks for length.

References:
    国土地理院「地名等の英語表記規程」(平成28年国地達第10号); 外務省「ヘボン式ローマ字綴方表」:
    long o and u are written once (Oita, Kochi), m before b, m, p (Namporo). Checked against JMA's
    own names of municipalities (tests/vocabulary/test_english.py).
"""

from __future__ import annotations

import re
import unicodedata

_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さ すせそ", "t": "た  てと", "n": "なにぬねの",
    "h": "はひ へほ", "m": "まみむめも", "y": "や ゆ よ", "r": "らりるれろ", "w": "わ",
    "g": "がぎぐげご", "z": "ざ ずぜぞ", "d": "だ  でど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
}  # fmt: skip
_SMALL = {"ゃ": "a", "ゅ": "u", "ょ": "o"}
_SOUNDS = {
    **{
        kana: consonant + vowel
        for consonant, row in _ROWS.items()
        for kana, vowel in zip(row, "aiueo", strict=False)
        if kana != " "
    },
    "し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu",
    "を": "o", "ゐ": "i", "ゑ": "e", "ゔ": "vu", "ん": "n",
    "ぁ": "a", "ぃ": "i", "ぅ": "u", "ぇ": "e", "ぉ": "o", "ゎ": "wa", "ゕ": "ka", "ゖ": "ke",
    "ふぁ": "fa", "ふぃ": "fi", "ふぇ": "fe", "ふぉ": "fo", "てぃ": "ti", "でぃ": "di",
    "でゅ": "du", "うぃ": "wi", "うぇ": "we",
    "うぉ": "wo", "ゔぁ": "va", "ゔぃ": "vi", "ゔぇ": "ve",
    "ゔぉ": "vo", "とぅ": "tu", "どぅ": "du", "しぇ": "she", "じぇ": "je", "ちぇ": "che",
}  # fmt: skip
for _kana in "きにひみりぎびぴ":
    for _small, _vowel in _SMALL.items():
        _SOUNDS[_kana + _small] = _SOUNDS[_kana][:-1] + "y" + _vowel
for _kana in "しちじぢ":
    for _small, _vowel in _SMALL.items():
        _SOUNDS[_kana + _small] = _SOUNDS[_kana][:-1] + _vowel
_KANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヷ"))}

_OPENERS: dict[str, tuple[str, ...]] = {
    "浦": ("うら",), "裏": ("うら",), "内": ("うち",), "打": ("うち",), "植": ("うえ",),
    "上": ("うえ", "うわ"), "馬": ("うま",), "牛": ("うし",), "後": ("うしろ",), "梅": ("うめ",),
    "海": ("うみ", "うな"), "臼": ("うす",), "碓": ("うす",), "薄": ("うす",), "歌": ("うた",),
    "宇": ("う",), "鵜": ("う",), "兎": ("うさぎ",), "魚": ("うお",), "氏": ("うじ",),
    "畝": ("うね",), "瓜": ("うり",), "運": ("うん",),
    "雲": ("うん",), "大": ("おお",), "多": ("おお",),
    "尾": ("お",), "岡": ("おか",), "丘": ("おか",),
    "沖": ("おき",), "奥": ("おく",), "音": ("おと",),
    "鬼": ("おに",), "落": ("おち",), "折": ("おり",),
    "生": ("お",), "男": ("お",), "雄": ("お",), "小": ("お",),
    "織": ("おり",), "置": ("おき",), "起": ("おき",), "押": ("おし",), "渡": ("おど",),
}  # fmt: skip
"""Characters whose reading begins with a vowel that does not lengthen what stands before it:
三浦 is Miura, 野浦 Noura (not Nora), 横尾 Yokoo."""


def is_kana(text: str) -> bool:
    """Tell whether a text is kana alone, so that it says itself how it is read.

    Example:
        >>> is_kana("やすらぎ"), is_kana("ひばり山"), is_kana("")
        (True, False, False)
    """
    return re.fullmatch(r"[ぁ-ゖァ-ヺー]+", text) is not None


def hiragana(text: str) -> str:
    """Return kana of any width and kind as hiragana."""
    return unicodedata.normalize("NFKC", text).translate(_KANA)


def romaji(kana: str, written: str = "") -> str:
    """Return kana in Roman letters, its first letter large; other characters are kept.

    Args:
        kana: the reading.
        written: the same name in kanji, which tells where a new word begins in some readings.

    Example:
        >>> romaji("こうべ"), romaji("ナンポロ"), romaji("はっちょうぼり")
        ('Kobe', 'Namporo', 'Hatchobori')
        >>> romaji("のうら", "野浦"), romaji("のうら", "農楽")
        ('Noura', 'Nora')
    """
    text = hiragana(kana)
    for kanji in written[1:]:
        for reading in _OPENERS.get(kanji, ()):
            text = re.sub(f"(?<=[ぁ-ん]){reading}(?!ー)", f"|{reading}", text)
    found: list[str] = []
    double, at = False, 0
    while at < len(text):
        sound, length = _sound(text, at)
        at += length
        if text[at - length] == "っ":
            double = True
        elif not _lengthens(text[at - length], sound, found):
            found.append(("t" if sound[:2] == "ch" else sound[:1]) + sound if double else sound)
            double = False
    joined = re.sub("n(?=[bmp])", "m", "".join(found)).replace("|", "")
    return joined[:1].upper() + joined[1:]


def _sound(text: str, at: int) -> tuple[str, int]:
    for length in (2, 1):
        sound = _SOUNDS.get(text[at : at + length])
        if sound is not None:
            return sound, length
    return text[at], 1


def _lengthens(kana: str, sound: str, before: list[str]) -> bool:
    if kana == "ー":
        return True
    last = before[-1][-1:] if before else ""
    return (kana == "う" and sound == "u" and last in {"o", "u"}) or (kana == "お" and last == "o")
