"""STAC 1.0: items, collections and the API's pages, as plain values.

References:
    https://github.com/radiantearth/stac-spec/tree/v1.0.0,
    https://github.com/radiantearth/stac-api-spec/tree/v1.0.0.
"""

from hinomi.standards.stac.encode import (
    CONFORMS_TO,
    VERSION,
    encode_catalog,
    encode_collection,
    encode_item,
)
from hinomi.standards.stac.item import Asset, Collection, Item, Link

__all__ = [
    "CONFORMS_TO",
    "VERSION",
    "Asset",
    "Collection",
    "Item",
    "Link",
    "encode_catalog",
    "encode_collection",
    "encode_item",
]
