"""Photos from the field (投稿写真): taken in, weighed, covered, confirmed by a person, shared."""

from __future__ import annotations

from hinomi.domains.response.photos.acts import ACTS
from hinomi.domains.response.photos.collections import INTAKE, PHOTOS
from hinomi.domains.response.photos.layers import LAYERS

COLLECTIONS = (INTAKE, PHOTOS)

__all__ = ["ACTS", "COLLECTIONS", "INTAKE", "LAYERS", "PHOTOS"]
