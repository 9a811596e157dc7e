"""The catalogue of this installation: our domains by hand, outsiders' by entry point."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain

GROUP = "hinomi.domains"
"""Entry points of other packages: each names a :class:`Domain` value."""


@cache
def default_catalog() -> Catalog:
    """Return the catalogue of all domains that are installed.

    Raises:
        ValueError: an entry point does not name a Domain, or the domains do not fit together.
    """
    # Imported here: a command that needs no catalogue does not pay for the domains' codecs.
    from hinomi.domains import hazards, response  # noqa: PLC0415
    from hinomi.runtime import operations  # noqa: PLC0415
    from hinomi.vocabulary import areas  # noqa: PLC0415

    reference = Domain(
        id="areas",
        title=Text("地域", "Areas"),
        collections=(areas.AREAS,),
    )
    ours = (hazards.DOMAIN, response.DOMAIN, reference, operations.DOMAIN)
    return Catalog((*ours, *_others()))


def _others() -> list[Domain]:
    found = []
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        domain = entry.load()
        if not isinstance(domain, Domain):
            raise ValueError(f"The entry point {entry.value} of {GROUP} is no Domain.")
        found.append(domain)
    return found
