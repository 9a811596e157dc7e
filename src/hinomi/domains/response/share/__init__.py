"""Share: how sites and shelters look on the map and in the lists, and what is made for others."""

from __future__ import annotations

from hinomi.domains.response.photos import LAYERS as PHOTO_LAYERS
from hinomi.domains.response.share import reports, review, sip4d, situation
from hinomi.domains.response.share.layers import LAYERS as OWN
from hinomi.domains.response.share.tables import OPEN_SHELTERS_TABLE
from hinomi.kernel.ports import Product
from hinomi.vocabulary.layers import Layer

PRODUCTS: tuple[Product, ...] = (OPEN_SHELTERS_TABLE, *reports.PRODUCTS, *review.PRODUCTS)

LAYERS: tuple[Layer, ...] = (*OWN, *situation.LAYERS, *PHOTO_LAYERS, *sip4d.LAYERS)

__all__ = ["LAYERS", "PRODUCTS"]
