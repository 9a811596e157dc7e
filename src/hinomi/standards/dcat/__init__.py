"""DCAT 3, DCAT-AP 3 and GeoDCAT-AP 3 as JSON-LD with its context inside: nothing to fetch.

References:
    W3C DCAT 3, https://www.w3.org/TR/vocab-dcat-3/; SEMIC DCAT-AP 3.0,
    https://semiceu.github.io/DCAT-AP/releases/3.0.0/; GeoDCAT-AP 3.0,
    https://semiceu.github.io/GeoDCAT-AP/releases/3.0.0/.
"""

from hinomi.standards.dcat.catalogue import (
    Agent,
    Catalogue,
    Dataset,
    Distribution,
    Service,
)
from hinomi.standards.dcat.encode import encode

__all__ = ["Agent", "Catalogue", "Dataset", "Distribution", "Service", "encode"]
