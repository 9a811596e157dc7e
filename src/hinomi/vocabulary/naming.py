"""Names and addresses of places in Japan as they are compared: width, kana, numerals, old kanji.

Two lists call one school 七尾市立山王小学校 (体育館) and 山王小. What differs by spelling alone is
made equal here; what tells two places apart (第1 and 第2, 東 and 西) is kept and looked at.

References:
    Unicode Standard Annex 15 (NFKC); 常用漢字表 付表 of 通用字体 and いわゆる康熙字典体
    (内閣告示第2号, 2010-11-30) for the old forms.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

import msgspec

Likeness = Literal["same", "core", "near", "part", "conflict", "different", "missing"]
"""``same``: equal but for spelling; ``core``: one facility, another part of it (体育館, 校庭);
``near``: few letters differ; ``part``: one name is inside the other, or half of the letters are
shared; ``conflict``: alike but for a number or a direction."""

_OLD = str.maketrans(
    "國學澤濱邊邉齋斎髙﨑廣眞龍瀧櫻豐榮會體舘圖靜條假惠壽實縣縱壯聲證藏藝號處廳鐵鹽嶋嶌峯埜桒萬與禮寶灣轉輕邨薗櫛礒",
    "国学沢浜辺辺斉斉高崎広真竜滝桜豊栄会体館図静条仮恵寿実県縦壮声証蔵芸号処庁鉄塩島島峰野桑万与礼宝湾転軽村園櫛磯",
)
_KANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_LARGE = str.maketrans(
    "ァィゥェォヵヶッャュョヮヰヱヲヴ之乃‐‑‒–—―−-ｰ〜~",
    "アイウエオカケツヤユヨワイエオブノノーーーーーーーーーーー",
)
_ROMAN = str.maketrans({chr(0x2160 + n): str(n + 1) for n in range(12)})
_DIGITS = {kanji: value for value, kanji in enumerate("〇一二三四五六七八九")}
_KANJI_NUMBER = re.compile("[〇一二三四五六七八九十]+")

_LEGAL = re.compile(
    "株式会社|有限会社|合同会社|合資会社|(?:一般|公益)?(?:社団|財団)法人|社会福祉法人|社会医療法人|医療法人|学校法人"
    "|宗教法人|特定非営利活動法人|NPO法人|独立行政法人|国立大学法人|農業協同組合法人|[((](?:株|有|社|財|福|学|医|宗)[))]",
    re.IGNORECASE,
)
_OWNED = re.compile("^.{1,8}?[都道府県市区町村組]立(?=.{3,})|^(?:国立|公立|私立)(?=.{3,})")
_SHORT: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(short), long)
    for short, long in (
        ("高等学校", "高校"),
        ("コミセン", "コミユニテイセンター"),
        ("コミユニテイーセンター?|コミユニテーセンター?", "コミユニテイセンター"),
        ("センタ(?!ー)", "センター"),
        ("グランド|グラウンド|運動広場|運動場|校庭", "運動場"),
        ("屋内運動場|屋体", "体育館"),
        ("こども園|子ども園|子供園|コドモ園|子ドモ園", "コドモ園"),
        ("(?<=..)小$", "小学校"),
        ("(?<=..)中$", "中学校"),
        ("(?<=..)高$", "高校"),
    )
)
"""After kana, width and numerals are made equal."""
_BRACKETS = re.compile(r"[((\[【〔「<〈][^))\]】〕」>〉]*[))\]】〕」>〉]")
_MARKS = re.compile(r"[\s・･,.、。,'\"*※/／&＆]+")
_WORDS = (
    "体育館|運動場|校舎|園舎|園庭|駐車場|広場|敷地|武道場|武道館|柔剣道場|格技場|格技室|講堂|ホール|屋上|本館|別館|新館"
    "|アリーナ|多目的室|会議室|教室|[A-Z0-9]+階(?:以上|建テ)?|[0-9]+F"
)
_PART = re.compile(f"(?P<part>(?:(?:及ビ|ト)?(?:第?[0-9]|南|北|東|西|小|大|中)?(?:{_WORDS}))+)$")
_WHOLE = re.compile(
    "(学校|高校|大学|幼稚園|保育園|保育所|コドモ園|公民館|センター|会館|寺|神社|公園|学園|分校|集会所|公会堂)$"
)
_SIDES = frozenset("東西南北上下前後内外左右")


class Name(msgspec.Struct, frozen=True, gc=False):
    """A name taken apart."""

    whole: str
    """All of it, spelling made equal."""
    core: str
    """The facility without its part, owner and legal form."""
    part: str
    """Of which part it speaks: 体育館; empty for none."""
    numbers: tuple[str, ...]
    """In the order of the core: 第1, 2丁目."""


def spelled(text: str) -> str:
    """Return a text with width, case, kana, old kanji, numerals and marks made equal.

    Example:
        >>> spelled("第一　國府（こくふ）センター") == spelled("第１国府(コクフ)センター")
        True
    """
    plain = unicodedata.normalize("NFKC", text.translate(_ROMAN)).upper()
    plain = plain.translate(_OLD).translate(_KANA).translate(_LARGE)
    plain = _MARKS.sub("", plain).replace("ノ", "")
    return _KANJI_NUMBER.sub(_number, plain)


@lru_cache(maxsize=300_000)
def name_of(text: str) -> Name:
    """Return a name taken apart.

    Example:
        >>> name_of("七尾市立山王小学校（体育館）").core == name_of("山王小").core
        True
        >>> name_of("野津中学校　体育館").part, name_of("市民体育館").part
        ('体育館', '')
    """
    whole = spelled(text)
    inner = "".join(_BRACKETS.findall(whole))
    core = _LEGAL.sub("", _BRACKETS.sub("", whole)) or whole.strip("()")
    core = _OWNED.sub("", core.removeprefix("旧").removeprefix("元")) or core
    for short, long in _SHORT:
        core = short.sub(long, core)
    part = ""
    found = _PART.search(core)
    if found and _WHOLE.search(core[: found.start()]):
        core, part = core[: found.start()], found["part"]
    part += re.sub(r"[()\[\]【】〔〕「」<>〈〉]", "", inner)
    return Name(whole, core, part, tuple(re.findall("[0-9]+", core)))


def likeness(one: Name, other: Name) -> Likeness:
    """Return how alike two names are.

    Example:
        >>> likeness(name_of("第一小学校"), name_of("第２小学校"))
        'conflict'
        >>> likeness(name_of("北大呑コミュニティセンター"), name_of("北大呑コミセン"))
        'same'
    """
    if not one.core or not other.core:
        return "missing"
    if one.core == other.core:
        return "same" if one.part == other.part else "core"
    # Imported here: its fifty modules are needed where names are compared, not at every start.
    from rapidfuzz.distance import Indel  # noqa: PLC0415

    alike = Indel.normalized_similarity(one.core, other.core)
    inside = min(len(one.core), len(other.core)) >= 2 and (
        one.core in other.core or other.core in one.core
    )
    if (alike >= _HALF or inside) and _apart(one, other):
        return "conflict"
    if alike >= _FEW:
        return "near"
    return "part" if inside or alike >= _HALF else "different"


_FEW, _HALF = 0.8, 0.6
"""Shares of letters in common (Indel: 1 - insertions and deletions by both lengths)."""


def _apart(one: Name, other: Name) -> bool:
    """Tell whether the two have different numbers, or different directions where they differ."""
    if one.numbers and other.numbers and one.numbers != other.numbers:
        return True
    mine, theirs = set(one.core) - set(other.core), set(other.core) - set(one.core)
    return bool(mine & _SIDES) and bool(theirs & _SIDES)


def _number(found: re.Match[str]) -> str:
    """Return kanji numerals as digits: 二十三 is 23, 一〇 is 10."""
    text = found[0]
    if "十" not in text:
        return "".join(str(_DIGITS[c]) for c in text)
    if text.count("十") > 1:
        return text
    tens, _, ones = text.partition("十")
    return str(
        10 * int("".join(str(_DIGITS[c]) for c in tens) or 1)
        + int("".join(str(_DIGITS[c]) for c in ones) or 0)
    )


AddressLikeness = Literal["same", "lot", "town", "different", "missing"]
"""``lot``: the first number is the same; ``town``: the 町字 is, or one is the other's beginning."""

_HEAD = re.compile("^.*?[都道府県](?=.*?[市区町村])|^.{1,8}?郡")
_TOWN = re.compile("^(?:.{1,7}?市.{1,4}?区|.{1,7}?[市区町村])(?=.)")
_BETWEEN = re.compile("丁目|番地|番丁|番|号|地割|ノ|ー")


class Address(msgspec.Struct, frozen=True, gc=False):
    """An address below its municipality: 町字 and numbers."""

    town: str
    numbers: tuple[str, ...]


@lru_cache(maxsize=300_000)
def address_of(text: str) -> Address:
    """Return an address taken apart.

    Example:
        >>> address_of("石川県七尾市藤橋町辰部５２－１") == address_of("七尾市藤橋町辰部五二番地一")
        True
    """
    plain = _BRACKETS.sub("", spelled(text))
    plain = _TOWN.sub("", _HEAD.sub("", plain, count=1), count=1)
    plain = plain.replace("大字", "").replace("字", "")
    first = re.search("[0-9]", plain)
    if first is None:
        return Address(plain, ())
    numbers = re.findall("[0-9]+", _BETWEEN.sub("-", plain[first.start() :]))
    return Address(plain[: first.start()], tuple(numbers[:4]))


def address_likeness(one: Address, other: Address) -> AddressLikeness:
    """Return how alike two addresses are.

    Example:
        >>> address_likeness(address_of("鳥取市院内290-1"), address_of("鳥取市大字院内２９０－３"))
        'lot'
    """
    if not (one.town or one.numbers) or not (other.town or other.numbers):
        return "missing"
    if one.town != other.town:
        short, long = sorted((one.town, other.town), key=len)
        inside = len(short) >= 2 and (long.startswith(short) or long.endswith(short))
        return "town" if inside else "different"
    if one.numbers == other.numbers:
        return "same"
    if one.numbers and other.numbers and one.numbers[0] == other.numbers[0]:
        return "lot"
    return "town"
