"""Examples of records and of forms, made of their declarations; the values are made up."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import inspect

from hinomi.vocabulary.acts import Input

TIME = "2026-09-18T13:00:00Z"
TEXTS = {
    "code": "1720200",
    "municipality": "七尾市",
    "prefecture": "石川県",
    "area": "七尾市",
    "name": "見本公民館",
    "kana": "ミホンコウミンカン",
    "en": "Nanao City",
    "address": "石川県七尾市見本町2",
    "url": "https://example.jp/",
    "link": "https://example.jp/",
    "phone": "0767-00-0000",
    "by": "佐藤",
    "person": "佐藤",
    "author": "七尾市",
    "organisation": "七尾市",
    "owner": "建設班",
    "record": "a6ce7073a83f27b3a7b828be1c9d8540",
    "digest": "f0eb24424a3fd1ffd7eda4ec2b44d5bb66ab4d9a5a0a2fe3b6e3a1c49ce1f7d3",
}
"""A text by the last part of its field's name."""
_NUMBERS = {"longitude": 136.96, "latitude": 37.04, "percent": 60, "level": 4}


def body(schema: type) -> dict[str, Any]:
    """Return an example of a body: each field that is required, and those with a telling name.

    Example:
        >>> import msgspec
        >>> class Bridge(msgspec.Struct):
        ...     name: str
        ...     length_m: float | None = None
        ...     note: str = ""
        >>> body(Bridge)
        {'name': '見本公民館', 'length_m': 1.5}
    """
    info = inspect.type_info(schema)
    assert isinstance(info, inspect.StructType)
    return _struct(info, ())


def _struct(info: inspect.StructType, above: tuple[type, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if info.tag is not None and info.tag_field:
        found[info.tag_field] = info.tag
    for field in info.fields:
        value = _value(field.type, field.encode_name, (*above, info.cls))
        if value is not None or field.required:
            found[field.encode_name] = _needed(field.type) if value is None else value
    return found


def _needed(info: inspect.Type) -> Any:
    if isinstance(info, inspect.ListType | inspect.VarTupleType | inspect.SetType):
        return []
    return {} if isinstance(info, inspect.DictType) else "見本"


def _value(info: inspect.Type, name: str, above: tuple[type, ...]) -> Any:
    if isinstance(info, inspect.UnionType):
        values = (_value(each, name, above) for each in info.types)
        return next((value for value in values if value is not None), None)
    if isinstance(info, inspect.StructType):
        return None if info.cls in above else _struct(info, above)
    if isinstance(info, inspect.ListType | inspect.VarTupleType | inspect.SetType):
        item = _value(info.item_type, name, above)
        return None if item is None else [item]
    if isinstance(info, inspect.TupleType):
        items = [_value(each, name, above) for each in info.item_types]
        return None if None in items else items
    if isinstance(info, inspect.DictType):
        item = _value(info.value_type, name, above)
        return None if item is None else {"見本": item}
    return _simple(info, name)


def _simple(info: inspect.Type, name: str) -> Any:
    last = name.rsplit("_", 1)[-1]
    if isinstance(info, inspect.LiteralType):
        return info.values[0]
    if isinstance(info, inspect.EnumType):
        return next(iter(info.cls)).value
    if isinstance(info, inspect.StrType):
        # An id of letters and digits where a pattern wants one.
        return TEXTS.get(last, "A-1" if info.pattern and re.search(info.pattern, "A-1") else None)
    if isinstance(info, inspect.BoolType):
        return True
    if isinstance(info, inspect.IntType):
        return int(_NUMBERS.get(last, 3))
    if isinstance(info, inspect.FloatType):
        return _NUMBERS.get(last, 1.5)
    return TIME if isinstance(info, inspect.DateTimeType) else None


def command(act: str, *, new: bool, inputs: tuple[Input, ...], collection: str) -> str:
    """Return a line that performs an act with what it requires."""
    words = [f"{box.name}={_filled(box)}" for box in inputs if box.required]
    key = [] if new else ["KEY"]
    line = " ".join(["hinomi act", act, *key, *words, "--status exercise --person 佐藤"])
    return line if new else f"hinomi find {collection} --status exercise    # its keys\n{line}"


def _filled(box: Input) -> str:
    if box.choices:
        return box.choices[0].value
    last = box.name.rsplit("_", 1)[-1]
    by_kind = {"number": "3", "time": "2026-09-18T22:00", "area": "1720200", "flag": "true"}
    return by_kind.get(box.kind) or TEXTS.get(last, "見本")


def is_of(schema: type, example: dict[str, Any]) -> bool:
    """Tell whether an example can be read as a body of the schema."""
    try:
        msgspec.convert(example, schema, strict=True)
    except msgspec.ValidationError:
        return False
    return True
