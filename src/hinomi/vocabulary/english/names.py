"""What a place is called in English, from what is stated of it; nothing is guessed.

The reading of a Japanese place name cannot be known from its characters (dictionaries read 43 to 45
of 100 stated ones wrongly, docs/reference/names.md), and a wrong one sends people to a wrong
place. So a name is read only where somebody states the reading: the owner's English or kana, the
official name of its municipality, or kana in the name itself. Of all others only the kind is
translated and the name stays as it is written: 酒井根 Junior High School.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from hinomi.vocabulary.areas.codes import Code, prefecture_of
from hinomi.vocabulary.english.romaji import hiragana, is_kana, romaji
from hinomi.vocabulary.english.words import Word, ending

_JAPANESE = re.compile("[ぁ-ヿ㐀-鿿々〆ヶ]")
_PIECES = re.compile(r"[0-9A-Za-z.+,'&:#°]+|[()\[\]【】「」『』〔〕<>《》]|[\s/・,、,~〜\-－―‐_]+")
_OPEN, _CLOSE = frozenset("([【「『〔<《"), frozenset(")]】」』〕>》")
_OWNED = re.compile(r"(?P<owner>.{1,7}?[都道府県市区町村])(?P<by>立)?(?=.)")
_OLD = re.compile("^(?:旧|元)(?=..)")
_NUMBERED = re.compile("第([0-9一二三四五六七八九十]+)$")
_KANJI_DIGITS = {kanji: str(number) for number, kanji in enumerate("一二三四五六七八九十", 1)}
_CLASS = re.compile(r"\((?:一|二|準)\)")
"""一級, 二級, 準用河川: the river's class in law."""
_NUMBER = (
    "(?:[0-9a-zA-Z.+ ]|いち|に|さん|よん|し|ご|ろく|なな|しち|はち|きゅう|じゅう|ひゃく|きろ"
    "|てん|ぜろ)*?"
)
_BETWEEN = r"[ ()/・,~〜ー\-]"
_KEPT_WHOLE = frozenset("川橋池沼沢")
"""With a name of one character the kind is part of it: 中川 is Nakagawa River."""


class Piece(msgspec.Struct, gc=False):
    """A part of a name: as written, its English once known, and the pattern of its reading."""

    ja: str
    en: str = ""
    pattern: str = ""
    word: Word | None = None
    stem: bool = False


def in_english(text: str) -> bool:
    """Tell whether a text has no Japanese letters.

    Example:
        >>> in_english("Nanao"), in_english("山王 Elementary School"), in_english("")
        (True, False, False)
    """
    return text != "" and _JAPANESE.search(text) is None


def called(name: str, *, kana: str = "", stated: str = "", town: Code | None = None) -> str:
    """Return what a place is called in English; empty where nothing of the name is known.

    Args:
        name: as it is written.
        kana: its reading, as its owner states it.
        stated: its English name, as its owner states it.
        town: the municipality that it is in.

    Example:
        >>> called("御祓地区コミュニティセンター", kana="ミソギチクコミュニティセンター")
        'Misogi District Community Center'
        >>> called("大内山川 柏野大橋", kana="おおうちやまがわ かしわのおおはし")
        'Ouchiyama River Kashiwano Ohashi Bridge'
        >>> called("酒井根中学校（体育館）"), called("やすらぎ公園"), called("秀楽苑")
        ('酒井根 Junior High School (Gymnasium)', 'Yasuragi Park', '')
    """
    name = unicodedata.normalize("NFKC", name).strip()
    stated = stated.strip()
    # 名称_英字 of many towns is only the reading run together: nanaochugakko.
    if in_english(stated) and (not kana or not stated.islower() or " " in stated):
        return stated[:1].upper() + stated[1:]
    pieces = _taken_apart(_CLASS.sub("", name), town)
    if kana and not _read(pieces, kana):
        return _spoken(kana, name)
    return _written(pieces, town, name)


def beside(name: str, english: str) -> str:
    """Return the English with the Japanese beside it, as everything that is no official name.

    Example:
        >>> beside("七尾中学校", "Nanao Junior High School"), beside("秀楽苑", "")
        ('Nanao Junior High School (七尾中学校)', '秀楽苑')
    """
    return f"{english} ({name})" if english and english != name else name


def _taken_apart(name: str, town: Code | None) -> list[Piece]:
    found: list[Piece] = []
    at = 0
    for match in _PIECES.finditer(name):
        found += [*_segment(name[at : match.start()], town), _between(match[0])]
        at = match.end()
    return found + _segment(name[at:], town)


def _between(text: str) -> Piece:
    if text[0] in _OPEN:
        return Piece(text, "(", f"{_BETWEEN}*")
    if text[0] in _CLOSE:
        return Piece(text, ")", f"{_BETWEEN}*")
    if text[0].isascii() and text[0].isalnum():
        return Piece(text, text, _NUMBER)
    return Piece(text, "/" if "/" in text else "", f"{_BETWEEN}*")


def _segment(text: str, town: Code | None) -> list[Piece]:
    """Return the owner, the name and its kinds, from the left."""
    if not text:
        return []
    before: list[Piece] = []
    old = _OLD.match(text)
    if old:
        before.append(Piece(old[0], "Former", "きゅう|もと"))
        text = text[old.end() :]
    owner = _owner(text, town)
    if owner:
        before.append(owner)
        text = text[len(owner.ja) :]
    kinds: list[Piece] = []
    while text and (word := _kind(text, kinds[-1].word if kinds else None)):
        text = text[: -len(word.ja)]
        kinds.append(Piece(word.ja, word.en, "|".join(word.readings), word))
    if text:
        before.append(Piece(text, pattern="", stem=True))
    return before + kinds[::-1]


def _kind(text: str, after: Word | None) -> Word | None:
    word = ending(text, after)
    if word is not None and word.ja == text and (len(text) == 1 or text == "大橋"):
        return None  # The whole name: there is nothing that it is the kind of.
    return word


def _owner(text: str, town: Code | None) -> Piece | None:
    match = _OWNED.match(text)
    if match is None or town is None:
        return None
    for area, kind in ((town, "Municipal"), (prefecture_of(town.code), "Prefectural")):
        if area is not None and area.name == match["owner"] and area.name_en:
            bare = _bare(area.name_en)
            return Piece(match[0], f"{bare} {kind}" if match["by"] else area.name_en, ".+?")
    return None


def _bare(name_en: str) -> str:
    return re.sub("(?: City| Town| Village| Ward|-shi|-cho|-mura)$", "", name_en.partition(",")[0])


def _read(pieces: list[Piece], kana: str) -> bool:
    """Give the stems their English from the stated reading; False where it does not fit.

    Some readings stop short (宇陀川8.0k右岸 is うだがわ): then what follows stays as written.
    """
    said = hiragana(kana).strip()
    for count in range(len(pieces), 0, -1):
        if count < len(pieces) and (pieces[count].stem or pieces[count].word is not None):
            continue
        read = pieces[:count]
        match = re.fullmatch("".join(_pattern(p, after) for p, after in _pairs(read)), said)
        if match is not None and any(piece.stem for piece in read):
            groups = iter(match.groups())
            for piece, after in _pairs(read):
                if piece.stem:
                    written = piece.ja + (after.ja if after and _is_whole(piece, after) else "")
                    piece.en = romaji(next(groups).strip(), written)
            return True
    return False


def _pairs(pieces: list[Piece]) -> list[tuple[Piece, Piece | None]]:
    return list(zip(pieces, [*pieces[1:], None], strict=True))


def _is_whole(piece: Piece, after: Piece | None) -> bool:
    return len(piece.ja) == 1 and after is not None and after.ja in _KEPT_WHOLE


def _pattern(piece: Piece, after: Piece | None) -> str:
    if not piece.stem:
        return f"(?:{piece.pattern})"
    if is_kana(piece.ja):
        return f"({re.escape(hiragana(piece.ja))})"
    letters = f"[^ ()/\\-0-9a-zA-Z]{{{len(piece.ja)},{5 * len(piece.ja)}}}?"
    if _is_whole(piece, after) and after is not None:
        # The kind's own reading is looked at, not taken.
        return f"(?=({letters}(?:{after.pattern}))){letters}"
    return f"({letters})"


def _spoken(kana: str, name: str) -> str:
    """Return the reading alone, where it does not follow the writing; numbers from the writing."""
    words = [romaji(part, name) for part in re.split(r"[\s()/・\-]+", hiragana(kana)) if part]
    numbers = re.findall(r"[0-9][0-9A-Za-z.+]*", name)
    return " ".join([*words, *(n for n in numbers if n not in " ".join(words))])


def _written(pieces: list[Piece], town: Code | None, name: str) -> str:
    """Return the name with what is known of it in English, or nothing where none is."""
    for piece in pieces:
        if piece.stem and not piece.en:
            piece.en = _stem(piece.ja, town)
    known = any(p.word is not None or (p.stem and in_english(p.en)) for p in pieces)
    return _joined(pieces) if known or in_english(name) else ""


def _stem(text: str, town: Code | None) -> str:
    if is_kana(text):
        return romaji(text)
    if town is not None and town.name_en and text.startswith(town.name[:-1]):
        rest = text.removeprefix(town.name).removeprefix(town.name[:-1])
        known = town.name_en if text.startswith(town.name) else _bare(town.name_en)
        if not rest or is_kana(rest):
            return f"{known} {romaji(rest)}".strip()
        text = f"{known} {rest}" if _NUMBERED.fullmatch(rest) else text
    number = _NUMBERED.search(text)
    if number:
        digits = _KANJI_DIGITS.get(number[1], number[1])
        return f"{text[: number.start()]} No. {digits}".strip()
    return text


def _joined(pieces: list[Piece]) -> str:
    text = " ".join(piece.en for piece in pieces if piece.en)
    text = re.sub(r"\(\s*\)|\(\s+\)", "", text).replace("( ", "(").replace(" )", ")")
    return re.sub(r"\s+", " ", text).strip()
