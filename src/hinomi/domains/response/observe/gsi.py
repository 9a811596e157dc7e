"""GSI's nation-wide lists: designated evacuation sites and designated shelters."""

from __future__ import annotations

from datetime import date
from typing import Any

from hinomi.domains.response.collections.shelters import LICENCE, SHELTERS, SITES, Shelter, Site
from hinomi.domains.response.observe.names import match_key
from hinomi.domains.response.observe.positions import check_municipality, check_position
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import point
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Complete, Origin, Record
from hinomi.standards import gsi_shelters
from hinomi.vocabulary.areas import codes

REFERENCE = "https://www.gsi.go.jp/bousaichiri/hinanbasho.html"
SAID_BY = "gsi"
_ID_CHARS = 14
"""E + JIS code (5) + running number and kind (8, nearly always digits)."""


def is_sites(payload: Payload) -> bool:
    """Tell whether this is a list of sites (or says that a municipality has published none)."""
    return gsi_shelters.kind_of(payload.data) == "sites" or _unavailable(payload, "emergency")


def is_shelters(payload: Payload) -> bool:
    """Tell whether this is a list of shelters (or says that none is published)."""
    return gsi_shelters.kind_of(payload.data) == "shelters" or _unavailable(payload, "evacuation")


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return a record for each site or shelter, and the word that these are all.

    The file states no time, so the file's own time stands in. A position that cannot be in Japan
    refuses the row; one far outside its municipality is kept with an alarm.
    """
    file = gsi_shelters.decode(payload.data)
    parsed = Parsed(kind=f"gsi-{file.kind}", problems=list(file.problems))
    if file.kind == "unavailable":
        parsed.problems.append(_none_published(file))
        return parsed
    collection = SITES.id if file.kind == "sites" else SHELTERS.id
    make = _site if file.kind == "sites" else _shelter
    points: dict[str, list[tuple[str, float, float]]] = {}
    keys: dict[str, list[str]] = {}
    for number, row in file.rows:
        path = f"/features[{number}]"
        code = _code(row.properties.common_id)
        problem = _check(row, code, path)
        if problem is not None and problem.grade == "error":
            parsed.problems.append(problem)
            # It stands in the list all the same: what was said of it before is not over.
            keys.setdefault(code, []).append(row.properties.common_id)
            continue
        if problem is not None:
            parsed.problems.append(problem)
        place = None
        if row.geometry is not None:
            longitude, latitude = row.geometry.coordinates
            place = point(longitude, latitude)
            points.setdefault(code, []).append((path, longitude, latitude))
        keys.setdefault(code, []).append(row.properties.common_id)
        parsed.records.append(
            Record(
                collection=collection,
                key=row.properties.common_id,
                said_at=payload.taken_at,
                body=make(row.properties, code),
                source=SAID_BY,
                place=place,
                origin=Origin(payload.digest, payload.address, path),
            )
        )
    on = payload.taken_at.date()
    for code, found in points.items():
        parsed.problems += _misplaced(code, found, gazetteer, on)
    if not file.problems:
        parsed.complete += _complete(collection, keys, payload)
    return parsed


def _complete(collection: str, keys: dict[str, list[str]], payload: Payload) -> list[Complete]:
    """One file is a municipality's whole list: what is no longer in it is no longer designated."""
    return [
        Complete(
            collection=collection,
            source=SAID_BY,
            said_at=payload.taken_at,
            covers=(f"E{code[:5]}*",),
            keys=tuple(found),
            origin=Origin(payload.digest, payload.address),
        )
        for code, found in keys.items()
        if code
    ]


def _check(row: gsi_shelters.Row, code: str, path: str) -> Problem | None:
    if not code:
        return Problem(
            "gsi.no-identity",
            path,
            Text("共通IDが正しくありません。", "The 共通ID is not right."),
            found=row.properties.common_id,
            expected="E, five digits of the municipality, eight more characters",
        )
    if not (row.properties.name or "").strip():
        return Problem(
            "gsi.no-name",
            path,
            Text("名称がありません。", "There is no name."),
            grade="alarm",
            found=row.properties.common_id,
        )
    if row.geometry is None:
        return Problem(
            "gsi.no-position",
            path,
            Text("位置がありません。", "The position is missing."),
            grade="alarm",
            found=row.properties.name or "",
        )
    return check_position(*row.geometry.coordinates, path)


def _code(common_id: str) -> str:
    digits = common_id[1:6]
    right = len(common_id) == _ID_CHARS and common_id[0] == "E" and digits.isdigit()
    return f"{digits}00" if right and common_id.isascii() and common_id.isalnum() else ""


def _misplaced(
    code: str, points: list[tuple[str, float, float]], gazetteer: Gazetteer, on: date
) -> list[Problem]:
    entry = codes.find(code, on, "municipality", "ward")
    return check_municipality(gazetteer.place(code, on), points, entry.name if entry else code)


def _common(told: gsi_shelters.decoder.Properties, code: str) -> dict[str, Any]:
    return {
        "name": (told.name or "").strip(),
        "address": (told.address or "").strip(),
        "municipality_code": code,
        "municipality": told.municipality or "",
        "common_id": told.common_id,
        "match_key": match_key(code, told.name or ""),
    }


def _site(told: gsi_shelters.decoder.Properties, code: str) -> Site:
    return Site(
        **_common(told, code),
        flood=told.flood == "1",
        landslide=told.landslide == "1",
        storm_surge=told.storm_surge == "1",
        earthquake=told.earthquake == "1",
        tsunami=told.tsunami == "1",
        fire=told.fire == "1",
        inland_flood=told.inland_flood == "1",
        volcano=told.volcano == "1",
        also_shelter=told.also_shelter == "1",
        remarks=told.remarks or "",
    )


def _shelter(told: gsi_shelters.decoder.Properties, code: str) -> Shelter:
    remarks = " ".join(text for text in (told.other_matters, told.remarks) if text)
    return Shelter(
        **_common(told, code),
        state="unknown",
        also_site=told.also_site == "1",
        accepts=told.accepts or "",
        remarks=remarks,
    )


def _unavailable(payload: Payload, kind: str) -> bool:
    if gsi_shelters.kind_of(payload.data) != "unavailable":
        return False
    return f'"{kind}"'.encode() in payload.data[: gsi_shelters.decoder.HEAD_BYTES]


def _none_published(file: gsi_shelters.File) -> Problem:
    return Problem(
        "gsi.none-published",
        "",
        Text(
            f"{file.name}のデータは公開されていません。",
            f"Nothing is published for {file.name} ({file.code}).",
        ),
        grade="note",
        found=file.code,
    )


SITES_SOURCE = Source(
    id="gsi-sites",
    title=Text("指定緊急避難場所(国土地理院)", "Designated evacuation sites (GSI)"),
    gives=(SITES.id,),
    licence=LICENCE,
    reference=REFERENCE,
    detect=is_sites,
    parse=parse,
)

SHELTERS_SOURCE = Source(
    id="gsi-shelters",
    title=Text("指定避難所(国土地理院)", "Designated shelters (GSI)"),
    gives=(SHELTERS.id,),
    licence=LICENCE,
    reference=REFERENCE,
    detect=is_shelters,
    parse=parse,
)
