"""Response: sites, shelters and what people in a headquarters do."""

from __future__ import annotations

from hinomi.domains.response.collections.alerts import ACKNOWLEDGEMENTS, ALERTS
from hinomi.domains.response.collections.chronology import CHRONOLOGY
from hinomi.domains.response.collections.damage import DAMAGE
from hinomi.domains.response.collections.decisions import DECISIONS
from hinomi.domains.response.collections.exercises import DIRECTIONS, EXERCISES, INJECTS, SCRIPT
from hinomi.domains.response.collections.facilities import COLLECTIONS as RELIEF
from hinomi.domains.response.collections.handovers import HANDOVERS
from hinomi.domains.response.collections.lifelines import LIFELINES
from hinomi.domains.response.collections.merging import COLLECTIONS as MERGED
from hinomi.domains.response.collections.orders import DRAFTS, ORDERS
from hinomi.domains.response.collections.roster import ROSTER
from hinomi.domains.response.collections.shelters import SHELTERS, SITES
from hinomi.domains.response.collections.tasks import TASKS
from hinomi.domains.response.evacuation import ACTS as EVACUATION_ACTS
from hinomi.domains.response.evacuation import COLLECTIONS as EVACUATION
from hinomi.domains.response.evacuation import LAYERS as EVACUATION_LAYERS
from hinomi.domains.response.evacuation import MODELS as EVACUATION_MODELS
from hinomi.domains.response.observe import gsi, municipal, sip4d
from hinomi.domains.response.photos import COLLECTIONS as PHOTO_COLLECTIONS
from hinomi.domains.response.predict import MODELS
from hinomi.domains.response.respond import ACTS
from hinomi.domains.response.share import LAYERS, PRODUCTS
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain
from hinomi.vocabulary.exchange import PACKAGES

DOMAIN = Domain(
    id="response",
    title=Text("対応", "Response"),
    collections=(
        SITES,
        SHELTERS,
        ORDERS,
        DRAFTS,
        CHRONOLOGY,
        TASKS,
        ALERTS,
        ACKNOWLEDGEMENTS,
        DAMAGE,
        LIFELINES,
        DECISIONS,
        ROSTER,
        HANDOVERS,
        EXERCISES,
        INJECTS,
        SCRIPT,
        DIRECTIONS,
        *RELIEF,
        *PHOTO_COLLECTIONS,
        *MERGED,
        *EVACUATION,
        PACKAGES,
    ),
    sources=(gsi.SITES_SOURCE, gsi.SHELTERS_SOURCE, municipal.SOURCE, sip4d.SOURCE),
    models=(*MODELS, *EVACUATION_MODELS),
    products=PRODUCTS,
    layers=(*LAYERS, *EVACUATION_LAYERS),
    acts=(*ACTS, *EVACUATION_ACTS),
)
