"""The area master at work: boundaries into the store, and the gazetteer that sources look into."""

from hinomi.runtime.areas.boundaries import Boundaries, make_records, read_boundaries
from hinomi.runtime.areas.gazetteer import StoreGazetteer

__all__ = ["Boundaries", "StoreGazetteer", "make_records", "read_boundaries"]
