"""The workbench over HTTP: runs side by side, pictures of their maps, one place in each of them.

Cases and runs are features as any other; a run is asked for and cancelled by an act.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hinomi.apps.web import parameters as p
from hinomi.apps.web import routes
from hinomi.apps.web.grids import PNG, png
from hinomi.apps.web.http import JSON, Answer, Ask, encode
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import Route
from hinomi.domains.hazards.collections.scenarios import SCENARIO_MAPS, SCENARIO_RUNS
from hinomi.domains.hazards.share.depths import DEPTH_CLASSES
from hinomi.kernel.errors import Text, UnavailableError
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.layers import Class

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

_KEY = re.compile(r"[\w.-]{1,80}\Z", re.ASCII)
_PLACE = re.compile(
    r"\s*(-?\d{1,3}(?:\.\d{1,15})?)\s*,\s*(-?\d{1,2}(?:\.\d{1,15})?)\s*\Z", re.ASCII
)
MAPS = ("max_depth_m", "arrival_min", "depth_m", "difference")
ARRIVALS = tuple(
    Class(at_least=least, label=Text(ja, en), colour=colour)
    for least, ja, en, colour in (
        (360.0, "6時間以上", "6 h and more", "#d6eaf8"),
        (180.0, "3〜6時間", "3 to 6 h", "#a9cce3"),
        (60.0, "1〜3時間", "1 to 3 h", "#5dade2"),
        (30.0, "30分〜1時間", "30 min to 1 h", "#f5b041"),
        (10.0, "10〜30分", "10 to 30 min", "#e67e22"),
        (0.0, "10分以内", "within 10 min", "#c0392b"),
    )
)
APART_M = (0.05, 0.2, 0.5, 1.0)
"""[m] Where classes of a difference begin; less than the first is none."""
_APART = (
    ("#0b5394", "1m以上浅い", "1 m and more shallower"),
    ("#3d85c6", "0.5〜1m浅い", "0.5 to 1 m shallower"),
    ("#6fa8dc", "0.2〜0.5m浅い", "0.2 to 0.5 m shallower"),
    ("#cfe2f3", "0.05〜0.2m浅い", "0.05 to 0.2 m shallower"),
    ("#fbe0d6", "0.05〜0.2m深い", "0.05 to 0.2 m deeper"),
    ("#f2a07b", "0.2〜0.5m深い", "0.2 to 0.5 m deeper"),
    ("#dd5a3c", "0.5〜1m深い", "0.5 to 1 m deeper"),
    ("#a61c00", "1m以上深い", "1 m and more deeper"),
)


def compare(web: Web, ask: Ask) -> Answer:
    """Answer runs side by side, with the scores of each against the first."""
    comparing = _comparing()
    reader = web.reader(ask)
    keys = _keys(ask)

    def make() -> Answer:
        legends = {
            "max_depth_m": [(c.colour, c.label) for c in DEPTH_CLASSES],
            "arrival_min": [(c.colour, c.label) for c in ARRIVALS],
            "difference": [(colour, Text(ja, en)) for colour, ja, en in reversed(_APART)],
        }
        told = {
            name: [{"colour": c, "label": t} for c, t in rows] for name, rows in legends.items()
        }
        return Answer(body=encode({"runs": comparing.compared(reader, keys), "legends": told}))

    return web.again(ask, web.stamp(ask, reader, SCENARIO_RUNS.id), make)


def picture(web: Web, ask: Ask) -> Answer:
    """Answer a run's map, or how a second run's differs from the first's, as a picture."""
    comparing = _comparing()
    reader = web.reader(ask)
    keys = _keys(ask)
    of = ask.query.get("of", MAPS[0])
    if of not in MAPS:
        raise p.bad("of", of[:40], ", ".join(MAPS), "、".join(MAPS))
    moment = p.whole(ask, "moment", 0, 0, 10_000)

    def make() -> Answer:
        if of == "difference":
            one, other = (comparing.grid_of(reader, key) for key in (keys[0], keys[-1]))
            found = comparing.difference(one, other, APART_M)
            return _drawn(reader, keys[0], found, [colour for colour, _, _ in _APART])
        grid = comparing.moment_of(reader, keys[0], of, moment)
        classes = _rising(ARRIVALS if of == "arrival_min" else DEPTH_CLASSES)
        steps = tuple(c.at_least or 0.0 for c in classes)
        found = comparing.picture(grid, steps)
        return _drawn(reader, keys[0], found, [c.colour for c in classes])

    return web.again(ask, web.stamp(ask, reader, SCENARIO_MAPS.id), make)


def probe(web: Web, ask: Ask) -> Answer:
    """Answer what each run says of one place: depth over time, the greatest, the arrival."""
    comparing = _comparing()
    reader = web.reader(ask)
    text = ask.query.get("place", "")
    match = _PLACE.match(text)
    if match is None:
        raise p.bad("place", text[:60], "longitude,latitude", "経度,緯度")
    keys, at = _keys(ask), (float(match[1]), float(match[2]))

    def make() -> Answer:
        told = []
        for key, run in zip(keys, comparing.runs_of(reader, keys), strict=True):
            ended = run.state == "done"
            told.append(
                {"key": key, "title": run.title,
                 **(comparing.place_in(reader, key, at) if ended else {})}
            )  # fmt: skip
        return Answer(body=encode({"place": at, "runs": told}))

    return web.again(ask, web.stamp(ask, reader, SCENARIO_MAPS.id), make)


def _keys(ask: Ask) -> list[str]:
    text = ask.query.get("runs", "")
    keys = list(dict.fromkeys(part for part in text.split(",") if part))
    if not keys or not all(_KEY.match(key) for key in keys):
        raise p.bad("runs", text[:60], "keys of runs, with commas", "計算のキー(カンマ区切り)")
    return keys


def _rising(classes: tuple[Class, ...]) -> list[Class]:
    return sorted(classes, key=lambda c: c.at_least or 0.0)


def _drawn(reader: Reader, key: str, classes: Any, colours: list[str]) -> Answer:
    """Answer classes as a picture over the relief of a run's ground."""
    comparing = _comparing()
    whole = comparing.shaded(classes, comparing.grid_of(reader, key, "relief"), len(colours))
    return Answer(body=png(whole, [*colours, *_GREYS]), media_type=PNG)


_GREYS = [f"#{level:02x}{level:02x}{level - 6:02x}" for level in range(160, 160 + 24 * 4, 4)]
"""As many as ``comparing.GREYS``; light, so that no grey is taken for a depth."""


def _comparing() -> Any:
    try:
        import xarray  # noqa: F401, PLC0415 - heavy, and only for those with models
        import zarr  # noqa: F401, PLC0415

        from hinomi.runtime.workbench import comparing  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise UnavailableError(
            f"The workbench needs {missing.name}: pip install 'hinomi[models]'.",
            f"計算の部品がありません: pip install 'hinomi[models]' ({missing.name})",
        ) from None
    return comparing


_RUNS = Parameter(
    "runs", Text("計算のキー(カンマ区切り)", "keys of runs, with commas"),
    {"type": "string"}, example="6f2a1b",
)  # fmt: skip
_OF = Parameter("of", Text("図の種類", "which map"), {"type": "string", "enum": list(MAPS)})
_MOMENT = Parameter(
    "moment", Text("水深の時刻の番号(0から)", "of depth over time, the moment's number from 0"),
    {"type": "integer", "minimum": 0, "maximum": 10_000},
)  # fmt: skip
_AT = Parameter(
    "place", Text("場所(経度,緯度)", "a place: longitude,latitude"), {"type": "string"},
    example="139.25,31.55",
)  # fmt: skip
_COMMON = (_RUNS, p.STATUS, p.AS_OF, p.LANG)

ROUTES = (
    Route(
        path="/workbench/compare", name="workbench-compare",
        text=Text("シナリオの計算を並べる", "Scenario runs side by side"), answer=compare,
        heavy=True, parameters=_COMMON, offers=routes.ONLY_JSON, gives={JSON: "object"},
        refusals=(400, 404, 503), tags=("workbench",),
    ),
    Route(
        path="/workbench/picture", name="workbench-picture",
        text=Text("シナリオの図", "A scenario run's map as a picture"), answer=picture, heavy=True,
        parameters=(*_COMMON, _OF, _MOMENT), offers=((PNG, "png"),), gives={PNG: "binary"},
        refusals=(400, 404, 503), tags=("workbench",),
    ),
    Route(
        path="/workbench/probe", name="workbench-probe",
        text=Text("ある場所の各シナリオの値", "One place in each scenario run"), answer=probe,
        heavy=True, parameters=(*_COMMON, _AT), offers=routes.ONLY_JSON, gives={JSON: "object"},
        refusals=(400, 404, 503), tags=("workbench",),
    ),
)  # fmt: skip
