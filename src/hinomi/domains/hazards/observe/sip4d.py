"""SIP4D-ZIP packages of inundated areas, levee breaches and landslides."""

from __future__ import annotations

from functools import cache

from hinomi.domains.hazards.collections.observed import COLLECTIONS, LICENCE
from hinomi.domains.hazards.sip4d_table import KINDS
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.standards.sip4d import statements
from hinomi.standards.sip4d.statements import Target
from hinomi.vocabulary.exchange import PACKAGES


def is_package(payload: Payload) -> bool:
    """Tell whether this is a package of one of our types."""
    return statements.code_of(payload) in _targets()


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:
    """Return a record of each feature.

    Raises:
        DataError: the package cannot be read, or whether it is an exercise cannot be told.
    """
    targets = _targets()
    return statements.parse(payload, gazetteer, targets, next(iter(targets.values())))


@cache
def _targets() -> dict[str, Target]:
    return statements.targets_of(KINDS)


SOURCE = Source(
    id="sip4d-hazards",
    title=Text("SIP4D-ZIP(浸水・堤防決壊・土砂災害)", "SIP4D-ZIP: floods and landslides"),
    gives=(*(c.id for c in COLLECTIONS), PACKAGES.id),
    licence=LICENCE,
    reference="JSA-S1016:2023; https://www.sip4d.jp/system/spec",
    detect=is_package,
    parse=parse,
)
