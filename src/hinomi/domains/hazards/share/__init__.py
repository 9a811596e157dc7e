"""Share: how the hazards look on the map and in the lists, and what is made for others."""

from __future__ import annotations

from hinomi.domains.hazards.share import ground, rain, seen, sensors, water, weather, world
from hinomi.domains.hazards.share.cap_layer import ALERTS_LAYER
from hinomi.domains.hazards.share.dams import DAMS_LAYER
from hinomi.domains.hazards.share.depth_areas import DEPTH_AREAS_LAYER, FLOODED_ROADS_LAYER
from hinomi.domains.hazards.share.depths import (
    DEPTH_FORECASTS_LAYER,
    DEPTHS_LAYER,
    INUNDATION_DEPTHS_LAYER,
)
from hinomi.domains.hazards.share.inundation import INUNDATION_LAYER
from hinomi.domains.hazards.share.nwis import WORLD_GAUGES_LAYER
from hinomi.domains.hazards.share.rivers import RIVER_FORECASTS_LAYER
from hinomi.domains.hazards.share.tables import IN_FORCE_TABLE, QUAKES_TABLE
from hinomi.kernel.ports import Product
from hinomi.vocabulary.layers import Layer

LAYERS: tuple[Layer, ...] = (
    weather.AREAS_LAYER,
    water.TSUNAMI_LAYER,
    weather.LEVELS_LAYER,
    water.FLOODS_LAYER,
    sensors.WET_LAYER,
    water.GAUGES_LAYER,
    water.CALM_GAUGES_LAYER,
    sensors.CALM_LAYER,
    weather.TYPHOONS_LAYER,
    weather.TYPHOON_AREAS_LAYER,
    ground.QUAKES_LAYER,
    ground.VOLCANOES_LAYER,
    ALERTS_LAYER,
    INUNDATION_LAYER,
    DEPTHS_LAYER,
    DEPTH_FORECASTS_LAYER,
    DEPTH_AREAS_LAYER,
    FLOODED_ROADS_LAYER,
    INUNDATION_DEPTHS_LAYER,
    DAMS_LAYER,
    RIVER_FORECASTS_LAYER,
    *rain.LAYERS,
    ground.SHAKE_LAYER,
    world.WORLD_LAYER,
    WORLD_GAUGES_LAYER,
    *seen.LAYERS,
)
"""In the order of the lists; areas are drawn below lines and symbols."""

PRODUCTS: tuple[Product, ...] = (IN_FORCE_TABLE, QUAKES_TABLE)
