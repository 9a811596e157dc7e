"""Predict: which runs of a library look like what flood sensors say, and what they say together.

The library is what ``hazards.inundation_depths`` holds of a ground: every moment of every run.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from hinomi.domains.hazards.collections.depths import Analogue
from hinomi.domains.hazards.collections.inundation_forecasts import INUNDATION_DEPTHS
from hinomi.domains.hazards.depth_grounds import Place
from hinomi.kernel.errors import Text
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored

if TYPE_CHECKING:
    from hinomi.science.depths.analogues import Blend

MOST_RUNS = 40
"""The newest so many runs of a ground are its library."""
MOST_CELLS = 4_000_000
"""Of a run's one moment; a larger one is left out, and that is told."""
_SHOWN = 5
_KEPT = 256
_LEAST_SENSORS = 3
"""Fewer sensors tell too little to choose among runs."""

NO_RUNS = Text(
    "この場所の浸水計算(ライブラリー)がないため、センサーをつなぐ水面から求めました。",
    "No run of this place is in the library: computed from the surface that connects the sensors.",
)


class Library(NamedTuple):
    """What a library says, or why it says nothing."""

    blend: Blend | None
    why: Text
    runs: tuple[Analogue, ...] = ()
    items: tuple[Stored, ...] = ()
    """The runs that count."""


def runs_of(reader: Reader, place: Place) -> tuple[Stored, ...]:
    """Return the library of a ground, the newest first."""
    found = sorted(
        reader.every(INUNDATION_DEPTHS.id, bbox=place.bounds),
        key=lambda item: (item.said_at, item.key),
        reverse=True,
    )
    return tuple(found[:MOST_RUNS])


def look_up(
    reader: Reader, place: Place, runs: Sequence[Stored], sensors: tuple[Any, Any, Any, Any]
) -> Library:
    """Return what a library says of a ground.

    Args:
        reader: who looks.
        place: the ground.
        runs: its library.
        sensors: rows and columns on the ground, least and greatest depth [m] of those that speak.
    """
    import numpy as np  # noqa: PLC0415

    from hinomi.science.depths.analogues import enough, weigh  # noqa: PLC0415

    if not runs:
        return Library(None, NO_RUNS)
    rows, columns, low, high = (np.asarray(one) for one in sensors)
    if len(low) < _LEAST_SENSORS:
        return Library(None, Text(
            f"ものを言うセンサーが{len(low)}台で、計算を選ぶには足りません({_LEAST_SENSORS}台から)。"
            "センサーをつなぐ水面から求めました。",
            f"{len(low)} sensors that speak are too few to choose among runs (from"
            f" {_LEAST_SENSORS} on): computed from the surface that connects the sensors.",
        ))  # fmt: skip
    pages: list[tuple[Stored, dict[str, Any], Any]] = []
    for item in runs:
        body = item.body()
        if body["rows"] * body["columns"] > MOST_CELLS:
            continue
        said = _at(reader, item, body, place, (rows, columns))
        if np.isfinite(said).all():
            pages.append((item, body, said))
    if not pages:
        return Library(None, Text(
            f"計算{len(runs)}件のどれもすべてのセンサーの場所を覆わないため、使いませんでした。"
            "センサーをつなぐ水面から求めました。",
            f"None of {len(runs)} runs covers all sensors: computed from the surface that connects"
            " the sensors.",
        ))  # fmt: skip
    weighed = weigh(np.concatenate([said for *_, said in pages]), low, high)
    of = [(page, moment) for page in pages for moment in range(len(page[2]))]
    best = weighed.explained[int(weighed.weights.argmax())]
    told = Text(
        f"計算{len(pages)}件・{len(of)}場面のうち最も近いものが、センサー{len(low)}台の{best:.0%}を"
        "説明",
        f"of {len(pages)} runs with {len(of)} moments the nearest explains {best:.0%} of"
        f" {len(low)} sensors",
    )
    if not enough(weighed):
        return Library(None, Text(
            f"{told.ja}するだけで、起きていることはライブラリーの範囲外です。"
            "センサーをつなぐ水面から求めました。",
            f"What happens is outside the library: {told.en}. Computed from the surface that"
            " connects the sensors.",
        ))  # fmt: skip
    counted = [
        (page, moment, float(weighed.weights[n]), float(weighed.explained[n]))
        for n, (page, moment) in enumerate(of)
    ]
    blend, items = _blend(reader, place, counted)
    counted.sort(key=lambda one: -one[2])
    why = Text(
        f"{told.ja}するため、計算を重みづけして(実質{weighed.effective:.1f}場面)、センサーをつなぐ"
        "水面と誤差の重みで合わせました。センサーから離れた所は計算だけによります。",
        f"Runs weighed ({weighed.effective:.1f} moments count) and joined with the surface that"
        f" connects the sensors, each by its error: {told.en}. Far from sensors the runs speak"
        " alone.",
    )
    shown = tuple(
        Analogue(
            run=page[0].key, title=str(page[1]["title"]),
            moment=datetime.fromisoformat(page[1]["moments"][moment]),
            weight=round(weight, 3), explained=round(explained, 3),
        )
        for page, moment, weight, explained in counted[:_SHOWN]
    )  # fmt: skip
    return Library(blend, why, shown, items)


def _blend(
    reader: Reader, place: Place, counted: Sequence[tuple[Any, int, float, float]]
) -> tuple[Blend, tuple[Stored, ...]]:
    """Return the runs' word, one moment after the other, and the runs that count."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science.depths.analogues import LEAST_WEIGHT, blend  # noqa: PLC0415

    part = [one for one in counted if one[2] > LEAST_WEIGHT]
    middle = (np.arange(place.rows) + 0.5)[:, None], (np.arange(place.columns) + 0.5)[None, :]
    opened: dict[str, tuple[Stored, Callable[[int], Any]]] = {}

    def field(page: tuple[Stored, dict[str, Any], Any], moment: int) -> Any:
        item, body, _ = page
        if item.id not in opened:
            opened[item.id] = item, _moments(reader, item, body)
        return _sampled(opened[item.id][1](moment), body, place, middle)

    found = blend((field(page, moment) for page, moment, *_ in part), [one[2] for one in part])
    return found, tuple(item for item, _ in opened.values())


def _moments(reader: Reader, item: Stored, body: dict[str, Any]) -> Callable[[int], Any]:
    from hinomi.science.coverages import moments_of  # noqa: PLC0415

    return moments_of(reader.blob(item, str(body["grid_digest"])), str(body["parameter"]))


_SAMPLES: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_LOCK = threading.Lock()


def _at(
    reader: Reader, item: Stored, body: dict[str, Any], place: Place, at: tuple[Any, Any]
) -> Any:
    """Return a run's depth at sensors [m, shape (moments, sensors)], NaN beside its grid.

    Kept by the grid and the places: each report asks for the same again.
    """
    import numpy as np  # noqa: PLC0415

    digest = str(body["grid_digest"])
    name = (digest, place.bounds, place.rows, place.columns, at[0].tobytes(), at[1].tobytes())
    with _LOCK:
        kept = _SAMPLES.pop(name, None)
    if kept is None:
        moment = _moments(reader, item, body)
        middle = at[0] + 0.5, at[1] + 0.5
        kept = np.stack(
            [_sampled(moment(n), body, place, middle) for n in range(len(body["moments"]))]
        )
    with _LOCK:
        _SAMPLES[name] = kept
        while len(_SAMPLES) > _KEPT:
            _SAMPLES.popitem(last=False)
    return kept


def _sampled(depth: Any, body: dict[str, Any], place: Place, at: tuple[Any, Any]) -> Any:
    """Return what a run's grid has at fractions of the ground's rows and columns, NaN beside it."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science.coverages import cells_at  # noqa: PLC0415

    west, south, east, north = place.bounds
    latitude = north - at[0] * (north - south) / place.rows
    longitude = west + at[1] * (east - west) / place.columns
    row, column = cells_at(body["bounds"], depth.shape, longitude, latitude)
    return np.where((row >= 0) & (column >= 0), depth[row, column], np.nan)
