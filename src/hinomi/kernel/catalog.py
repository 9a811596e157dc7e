"""The catalogue: what all domains list, checked once, looked up by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.ports import Domain, Model, Playbook, Product, Source
from hinomi.kernel.records import ENVELOPE

T = TypeVar("T", Collection, Source, Model, Playbook, Product)


class Catalog:
    """All domains' collections, sources, models, playbooks and products.

    Raises:
        ValueError: two share a name, something gives or needs what no domain lists, or a body
            uses a name of the envelope. That is a fault of ours, not of a user.
    """

    def __init__(self, domains: Iterable[Domain]) -> None:
        self.domains = tuple(domains)
        collections = [c for d in self.domains for c in d.collections if isinstance(c, Collection)]
        self.collections = _by_id(collections)
        self.sources = _by_id([s for d in self.domains for s in d.sources])
        self.models = _by_id([m for d in self.domains for m in d.models])
        self.playbooks = _by_id([p for d in self.domains for p in d.playbooks])
        self.products = _by_id([p for d in self.domains for p in d.products])
        self._check()

    def collection(self, name: str) -> Collection:
        """Return a collection by id, or raise MissingError with the nearest names."""
        if name not in self.collections:
            raise MissingError(Text("コレクション", "collection"), name, self.collections)
        return self.collections[name]

    def _check(self) -> None:
        wanted = [(s.id, n) for s in self.sources.values() for n in s.gives]
        wanted += [(m.id, n) for m in self.models.values() for n in (*m.needs, *m.gives)]
        wanted += [(p.id, n) for p in self.playbooks.values() for n in (*p.needs, *p.gives)]
        wanted += [(p.id, n) for p in self.products.values() for n in p.needs]
        for adapter, name in wanted:
            if name not in self.collections:
                raise ValueError(f"{adapter} names the collection {name!r}, which no domain lists.")
        for collection in self.collections.values():
            taken = {*collection.schema.__struct_encode_fields__} & {*ENVELOPE, "id"}
            if taken:
                raise ValueError(f"{collection.id}: the body uses the envelope's names {taken}.")


def _by_id(values: list[T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for value in values:
        if value.id in found:
            raise ValueError(f"Two adapters are named {value.id!r}.")
        found[value.id] = value
    return found
