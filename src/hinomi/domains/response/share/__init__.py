"""Share: how sites and shelters look on the map and in the lists, and what is made for others."""

from __future__ import annotations

from hinomi.domains.response.share import reports, review
from hinomi.domains.response.share.layers import LAYERS
from hinomi.domains.response.share.tables import OPEN_SHELTERS_TABLE
from hinomi.kernel.ports import Product

PRODUCTS: tuple[Product, ...] = (OPEN_SHELTERS_TABLE, *reports.PRODUCTS, *review.PRODUCTS)

__all__ = ["LAYERS", "PRODUCTS"]
