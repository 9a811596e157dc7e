"""Hazards: warnings, quakes, tsunami, volcanoes, typhoons, floods, gauges."""

from __future__ import annotations

from hinomi.domains.hazards.collections import gauges, quakes, sensors, tsunami, volcanoes, warnings
from hinomi.domains.hazards.collections.alerts import ALERTS
from hinomi.domains.hazards.collections.dams import COLLECTIONS as DAMS
from hinomi.domains.hazards.collections.depth_areas import COLLECTIONS as DEPTH_AREAS
from hinomi.domains.hazards.collections.depths import COLLECTIONS as DEPTHS
from hinomi.domains.hazards.collections.floods import FLOODS
from hinomi.domains.hazards.collections.forecasts import FORECASTS
from hinomi.domains.hazards.collections.inundation_forecasts import (
    INUNDATION_DEPTHS,
    INUNDATION_FORECASTS,
)
from hinomi.domains.hazards.collections.notices import NOTICES
from hinomi.domains.hazards.collections.observed import COLLECTIONS as OBSERVED
from hinomi.domains.hazards.collections.rain import COLLECTIONS as RAIN
from hinomi.domains.hazards.collections.rain_indices import COLLECTIONS as RAIN_INDICES
from hinomi.domains.hazards.collections.rivers import COLLECTIONS as RIVERS
from hinomi.domains.hazards.collections.scenarios import COLLECTIONS as SCENARIOS
from hinomi.domains.hazards.collections.shake_maps import SHAKE_MAPS
from hinomi.domains.hazards.collections.site_ground import SITE_GROUND
from hinomi.domains.hazards.collections.typhoons import TYPHOONS
from hinomi.domains.hazards.collections.world import WORLD_EVENTS
from hinomi.domains.hazards.collections.world_gauges import COLLECTIONS as WORLD_WATER
from hinomi.domains.hazards.observe import (
    cap,
    dams,
    elevation,
    jma,
    nwis,
    qzss,
    radar,
    rain_tables,
    sip4d,
    site_ground,
    world,
)
from hinomi.domains.hazards.observe import gauges as mlit_gauges
from hinomi.domains.hazards.observe import rivers as river_sheets
from hinomi.domains.hazards.observe import sensors as sensor_lists
from hinomi.domains.hazards.predict import ALERT_LEVELS
from hinomi.domains.hazards.predict_dam_inflows import DAM_INFLOW_MODEL
from hinomi.domains.hazards.predict_dams import DAM_MODEL
from hinomi.domains.hazards.predict_depth_areas import DEPTH_AREAS_MODEL
from hinomi.domains.hazards.predict_depths import DEPTHS_MODEL
from hinomi.domains.hazards.predict_depths_ahead import DEPTHS_AHEAD_MODEL
from hinomi.domains.hazards.predict_gauges import GAUGE_STATES
from hinomi.domains.hazards.predict_quakes import QUAKE_MERGE
from hinomi.domains.hazards.predict_qzss import ONE_EVENT
from hinomi.domains.hazards.predict_rain import NOWCAST
from hinomi.domains.hazards.predict_rain_indices import INDICES
from hinomi.domains.hazards.predict_rivers import RIVER_MODEL
from hinomi.domains.hazards.predict_sensors import SENSOR_STATES
from hinomi.domains.hazards.predict_shake import SHAKE
from hinomi.domains.hazards.share import LAYERS, PRODUCTS
from hinomi.domains.hazards.workbench.acts import ACTS as WORKBENCH_ACTS
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain

DOMAIN = Domain(
    id="hazards",
    title=Text("災害・気象", "Hazards"),
    collections=(
        *warnings.COLLECTIONS,
        FLOODS,
        TYPHOONS,
        NOTICES,
        FORECASTS,
        *quakes.COLLECTIONS,
        *tsunami.COLLECTIONS,
        *volcanoes.COLLECTIONS,
        *gauges.COLLECTIONS,
        *sensors.COLLECTIONS,
        *OBSERVED,
        WORLD_EVENTS,
        *WORLD_WATER,
        *RAIN,
        *RAIN_INDICES,
        SHAKE_MAPS,
        SITE_GROUND,
        INUNDATION_FORECASTS,
        INUNDATION_DEPTHS,
        *DEPTHS,
        *DEPTH_AREAS,
        *DAMS,
        *RIVERS,
        *SCENARIOS,
        ALERTS,
    ),
    sources=(
        jma.SOURCE,
        mlit_gauges.SOURCE,
        sip4d.SOURCE,
        sensor_lists.SOURCE,
        *world.SOURCES,
        nwis.SOURCE,
        cap.SOURCE,
        qzss.SOURCE,
        radar.SOURCE,
        elevation.SOURCE,
        rain_tables.SOURCE,
        site_ground.SOURCE,
        dams.SOURCE,
        river_sheets.SOURCE,
    ),
    models=(
        ALERT_LEVELS,
        QUAKE_MERGE,
        ONE_EVENT,
        GAUGE_STATES,
        SENSOR_STATES,
        DEPTHS_MODEL,
        DEPTHS_AHEAD_MODEL,
        DEPTH_AREAS_MODEL,
        NOWCAST,
        DAM_INFLOW_MODEL,
        DAM_MODEL,
        RIVER_MODEL,
        INDICES,
        SHAKE,
    ),
    products=PRODUCTS,
    layers=LAYERS,
    acts=WORKBENCH_ACTS,
)
