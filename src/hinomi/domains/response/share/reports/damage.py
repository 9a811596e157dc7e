"""The damage of one disaster: each municipality's standing report, and sums that are computed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hinomi.domains.response.collections.damage import DAMAGE, FIGURES, Damage
from hinomi.domains.response.share.reports.view import View, number_cell
from hinomi.kernel.records import Stored
from hinomi.standards.paper import Cell

_LOSS_WORKS = (
    "loss_schools", "loss_agricultural_works", "loss_public_works", "loss_other_public",
)  # fmt: skip
_LOSS_TRADES = (
    "loss_agriculture", "loss_forestry", "loss_livestock", "loss_fishery", "loss_commerce",
    "loss_other",
)  # fmt: skip
SUMS: dict[str, tuple[str, ...]] = {
    "injured": ("injured_serious", "injured_slight", "injured_unknown"),
    "loss_works": _LOSS_WORKS,
    "loss_all": (*_LOSS_WORKS, *_LOSS_TRADES),
}
"""小計 and 計 of the form: computed from its own figures, never typed."""


class Standing(msgspec.Struct, frozen=True):
    """One municipality's report as it stands."""

    item: Stored
    body: Damage


class Summary:
    """The reports of one disaster: the one last reported on, unless it is named."""

    def __init__(self, view: View, incident: str | None = None) -> None:
        found = [
            Standing(item, msgspec.convert(item.body(), Damage))
            for item in view.find(DAMAGE.id, area="municipality_code")
        ]
        newest = max(found, key=lambda s: (s.item.said_at, s.item.seq), default=None)
        self.view = view
        self.incident = incident if incident is not None else newest.body.incident if newest else ""
        self.reports = sorted(
            (s for s in found if s.body.incident == self.incident),
            key=lambda s: s.body.municipality_code,
        )
        self.others = sorted({s.body.incident for s in found} - {self.incident})
        """Disasters that are not in this summary."""

    @property
    def number(self) -> int:
        """第N報: the highest of the municipalities'."""
        return max((s.body.number for s in self.reports), default=0)

    def prefectures(self) -> list[str]:
        """Return the first two digits of the municipalities' codes."""
        return sorted({s.body.municipality_code[:2] for s in self.reports})

    def of(self, prefecture: str) -> list[Standing]:
        """Return the reports of a prefecture."""
        return [s for s in self.reports if s.body.municipality_code[:2] == prefecture]

    def cell(self, name: str, among: Sequence[Standing] | None = None) -> Cell:
        """Return a figure: one municipality's with its statement, several ones' sum with a query.

        A sum is of what is known; it is unknown only where nobody knows.
        """
        reports = self.reports if among is None else among
        names = SUMS.get(name, (name,))
        if len(reports) == 1 and len(names) == 1:
            return self._one(reports[0], name)
        known = [v for s in reports for n in names if (v := getattr(s.body, n)) is not None]
        total = sum(known) if known else None
        if len(reports) == 1:
            return number_cell(total, self.view.record_link(reports[0].item.id))
        return number_cell(total, self._counted(reports, names) if reports else "")

    def _one(self, report: Standing, name: str) -> Cell:
        value = getattr(report.body, name)
        # The record that first stated the figure, which may be an earlier report's.
        record = report.body.stated.get(name, report.item.id)
        return number_cell(value, self.view.record_link(record if value is not None
                                                        else report.item.id))  # fmt: skip

    def _counted(self, reports: Sequence[Standing], names: Sequence[str]) -> str:
        wanted = self.incident.replace("'", "''")
        parts = [f"incident = '{wanted}'" if self.incident else "incident IS NULL"]
        prefectures = {s.body.municipality_code[:2] for s in reports}
        if len(prefectures) == 1:
            parts.append(f"municipality_code LIKE '{prefectures.pop()}%'")
        if len(names) == 1:
            parts.append(f"{names[0]} >= 0")
        return self.view.query_link(DAMAGE.id, " AND ".join(parts), area="municipality_code")

    def unit(self, name: str) -> str:
        """Return a figure's unit."""
        return FIGURES[SUMS.get(name, (name,))[0]].unit
