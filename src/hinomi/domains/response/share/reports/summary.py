"""Key figures: what a mayor reads first, each with the query or the record that it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from hinomi.domains.response.collections.damage import FIGURES
from hinomi.domains.response.collections.lifelines import LIFELINES
from hinomi.domains.response.collections.orders import ORDERS
from hinomi.domains.response.collections.roster import ROSTER
from hinomi.domains.response.collections.shelters import SHELTERS
from hinomi.domains.response.collections.tasks import TASKS
from hinomi.domains.response.share.reports.damage import Summary
from hinomi.domains.response.share.reports.view import View, number_cell
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import And, Compare, Filter, In, Property, Value
from hinomi.kernel.records import Stored
from hinomi.standards.paper import Cell, KeyFigures
from hinomi.vocabulary.levels import LEVELS

_LEVELS = "hazards.levels"
_CODE = "municipality_code"


class Key(msgspec.Struct, frozen=True):
    """One key figure."""

    title: Text
    give: Callable[[View, Summary], Cell]


def _is(name: str, value: str) -> tuple[Filter, str]:
    return Compare("=", Property(name), Value(value)), f"{name} = '{value}'"


def _total(items: Iterable[Stored], name: str) -> float | None:
    known = [v for i in items if (v := i.properties().get(name)) is not None]
    return sum(known) if known else None


def _highest(view: View, _: Summary) -> Cell:
    found = view.find(_LEVELS, Compare(">", Property("level"), Value(0)), area="area_code")
    worst = max(found, key=lambda i: int(i.properties()["level"]), default=None)
    if worst is None:
        return number_cell(0, view.query_link(_LEVELS, "level > 0", area="area_code"))
    look = LEVELS[int(worst.properties()["level"])]
    return Cell(
        text=str(look.number), value=look.number, colour=look.colour, ink=look.ink,
        link=view.record_link(worst.id),
    )  # fmt: skip


def _at_least(number: int) -> Callable[[View, Summary], Cell]:
    def give(view: View, _: Summary) -> Cell:
        question = Compare(">=", Property("level"), Value(number))
        found = view.find(_LEVELS, question, area="area_code")
        link = view.query_link(_LEVELS, f"level >= {number}", area="area_code")
        return number_cell(len(found), link)

    return give


def _order_count(view: View, _: Summary) -> Cell:
    filtered, condition = _is("state", "in_force")
    found = view.find(ORDERS.id, filtered, area=_CODE)
    return number_cell(len(found), view.query_link(ORDERS.id, condition, area=_CODE))


def _order_people(view: View, _: Summary) -> Cell:
    filtered, condition = _is("state", "in_force")
    found = view.find(ORDERS.id, filtered, area=_CODE)
    link = view.query_link(ORDERS.id, condition, area=_CODE)
    return number_cell(_total(found, "people"), link)


def _open_shelters(view: View, _: Summary) -> Cell:
    filtered, condition = _is("state", "open")
    found = view.find(SHELTERS.id, filtered, area=_CODE)
    return number_cell(len(found), view.query_link(SHELTERS.id, condition, area=_CODE))


def _evacuees(view: View, _: Summary) -> Cell:
    filtered, condition = _is("state", "open")
    found = view.find(SHELTERS.id, filtered, area=_CODE)
    link = view.query_link(SHELTERS.id, condition, area=_CODE)
    return number_cell(_total(found, "people"), link)


def _without(line: str) -> Callable[[View, Summary], Cell]:
    def give(view: View, _: Summary) -> Cell:
        one, condition = _is("line", line)
        out = In(Property("state"), ("out", "partial"))
        known = view.find(LIFELINES.id, one, area=_CODE)
        stopped = view.find(LIFELINES.id, And((one, out)), area=_CODE)
        link = view.query_link(LIFELINES.id, f"{condition} AND households_out > 0", area=_CODE)
        if known and not stopped:
            return number_cell(0, link)
        return number_cell(_total(stopped, "households_out"), link)

    return give


def _open_tasks(view: View, _: Summary) -> Cell:
    found = view.find(TASKS.id, In(Property("state"), ("open", "doing")))
    return number_cell(len(found), view.query_link(TASKS.id, "state IN ('open', 'doing')"))


def _staff(view: View, _: Summary) -> Cell:
    filtered, condition = _is("state", "on_duty")
    return number_cell(len(view.find(ROSTER.id, filtered)), view.query_link(ROSTER.id, condition))


def _damage(name: str) -> Callable[[View, Summary], Cell]:
    return lambda _, summary: summary.cell(name)


def _damage_key(name: str) -> Key:
    item = FIGURES[name]
    return Key(Text(f"{item.label.ja}({item.unit})", item.label.en), _damage(name))


SUMMARY: dict[str, Key] = {
    "highest_level": Key(Text("最高の警戒レベル相当", "highest level"), _highest),
    "level_3": Key(Text("レベル3以上(市町村)", "municipalities at level 3+"), _at_least(3)),
    "level_4": Key(Text("レベル4以上(市町村)", "municipalities at level 4+"), _at_least(4)),
    "orders": Key(Text("避難情報(地区)", "districts under orders"), _order_count),
    "order_people": Key(Text("避難情報の対象(人)", "people under orders"), _order_people),
    "open_shelters": Key(Text("開設中の避難所", "open shelters"), _open_shelters),
    "evacuees": Key(Text("避難者(人)", "people in shelters"), _evacuees),
    "injured": Key(Text("負傷者(人)", "injured"), _damage("injured")),
    "power_out": Key(Text("停電(戸)", "without electricity"), _without("electricity")),
    "water_out": Key(Text("断水(戸)", "without water"), _without("water")),
    "open_tasks": Key(Text("未完了のタスク", "open tasks"), _open_tasks),
    "staff": Key(Text("勤務中の職員", "staff on duty"), _staff),
    **{name: _damage_key(name) for name in FIGURES},
}
USUAL = (
    "highest_level", "level_4", "orders", "open_shelters", "evacuees", "dead", "missing",
    "injured", "destroyed_buildings", "above_floor_buildings", "power_out", "water_out",
)  # fmt: skip


def key_figures(view: View, summary: Summary, names: Iterable[str]) -> KeyFigures:
    """Return the key figures by name."""
    chosen = [SUMMARY[name] for name in (tuple(names) or USUAL)]
    return KeyFigures(tuple((view.say(k.title), k.give(view, summary)) for k in chosen))
