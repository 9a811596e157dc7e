"""The area master at work: boundaries into the store, and the gazetteer that sources look into.

Boundaries are read by :mod:`hinomi.runtime.areas.boundaries`; not loaded here, since they bring
numpy and GEOS with them, which a node that only writes does not need.
"""

from hinomi.runtime.areas.gazetteer import StoreGazetteer

__all__ = ["StoreGazetteer"]
