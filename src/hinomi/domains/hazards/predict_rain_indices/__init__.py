"""Predict: soil water, surface rain and runoff indices, and the level by mesh and municipality."""

from __future__ import annotations

from collections.abc import Sequence

from hinomi.domains.hazards.collections.rain import RAIN, RAIN_FORECASTS, RAIN_NOWCASTS
from hinomi.domains.hazards.collections.rain_indices import (
    RAIN_INDICES,
    RAIN_RISKS,
    RAIN_TABLES,
    RAIN_TANKS,
)
from hinomi.domains.hazards.predict_rain_indices.words import LIMITS, problem
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.areas import AREAS


def predict_indices(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the indices of the networks whose rain changed."""
    if keys and not (keys.get(RAIN.id) or keys.get(RAIN_NOWCASTS.id)):
        return Parsed()  # Its own state, tables and areas: read with the next rain.
    try:
        from hinomi.domains.hazards.predict_rain_indices.run import run  # noqa: PLC0415 - heavy
    except ModuleNotFoundError as missing:
        return Parsed(problems=[problem("rain-indices.extra", "/", str(missing.name))])
    return run(reader, keys)


INDICES = Model(
    id="rain-indices",
    title=Text("土壌雨量指数など(独自)", "Rain indices (our own)"),
    version="1",
    needs=(
        RAIN.id, RAIN_NOWCASTS.id, RAIN_FORECASTS.id, RAIN_TABLES.id, RAIN_TANKS.id,
        RAIN_RISKS.id, AREAS.id,
    ),
    gives=(RAIN_INDICES.id, RAIN_TANKS.id, RAIN_RISKS.id),
    predict=predict_indices,
    reference="Ishihara & Kobatake 1979; Okada et al. 2001, 天気 48, 349;"
    " https://www.jma.go.jp/jma/kishou/know/bosai/dojoshisu.html",
    limits=LIMITS,
)  # fmt: skip
