"""Areas: JMA's codes with their names and membership, dated, and the collection that holds them.

:mod:`~hinomi.vocabulary.areas.codes` is the table of facts; :mod:`~.collection` what the store
keeps once boundaries are imported.
"""

from hinomi.vocabulary.areas.codes import Code, find, key_of, knows
from hinomi.vocabulary.areas.collection import AREAS, Area

__all__ = ["AREAS", "Area", "Code", "find", "key_of", "knows"]
