"""第4号様式 (その1) 災害概況即報 and (その2) 被害状況即報, as boxes in a grid.

The figures, their names, order and units are the form's (see docs/how-to/reports.md for what was
read of it); the boxes' measures are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from hinomi.domains.response.collections.damage import FIGURES
from hinomi.domains.response.share.reports.damage import SUMS, Summary
from hinomi.domains.response.share.reports.summary import SUMMARY
from hinomi.domains.response.share.reports.view import View, full_time, number_cell
from hinomi.kernel.errors import Text
from hinomi.standards.paper import Block, Cell, Column, Heading, Paragraph, Table

_HOMES = ("destroyed", "half", "partial", "above_floor", "below_floor")
_LEFT = (
    ("dead", "dead_related", "missing", "injured_serious", "injured_slight"),
    tuple(f"{k}_{u}" for k in _HOMES for u in ("buildings", "households", "people")),
    ("public_buildings", "private_buildings"),
)
_LEFT_HEADS = (
    Text("人的被害", "People"), Text("住家被害", "Homes"), Text("非住家", "Other buildings"),
)  # fmt: skip
_MIDDLE = (
    (
        "paddies_lost_ha", "paddies_flooded_ha", "fields_lost_ha", "fields_flooded_ha", "schools",
        "hospitals", "roads", "bridges", "rivers", "ports", "erosion_control", "waste_plants",
        "slope_failures", "railways", "ships", "water_households", "telephone_lines",
        "power_households", "gas_households", "block_walls",
    ),
    ("affected_households", "affected_people"),
)  # fmt: skip
_MIDDLE_HEADS = (Text("その他", "Other"), Text("り災", "Affected"))
_RIGHT = (
    ("fires_buildings", "fires_hazmat", "fires_other"),
    (*SUMS["loss_works"], "loss_works", *SUMS["loss_all"][4:], "loss_all"),
    ("calls_119", "fire_staff", "fire_corps"),
)
_RIGHT_HEADS = (
    Text("火災発生", "Fires"), Text("被害額", "Loss"), Text("応急対応", "Response"),
)  # fmt: skip
_SUM_LABELS = {
    "loss_works": Text("公共施設 小計", "public works, subtotal"),
    "loss_all": Text("被害総額", "loss in all"),
    "injured": Text("負傷者", "injured"),
}
_EMPTY = (Cell(), Cell(), Cell())


def outline_form(view: View, summary: Summary, reporter: str) -> list[Block]:
    """Return その1, 災害概況即報: what is reported within 30 minutes, as far as it is known."""
    reports = summary.reports
    rows = [
        _pair(view, Text("報告日時", "Reported at"), full_time(view.moment, view.language)),
        _pair(view, Text("報告者", "Reported by"), reporter),
        _pair(view, Text("都道府県・市町村", "Area"), _where(view, summary)),
        _pair(view, Text("災害名", "Disaster"), _disaster(view, summary)),
        _pair(view, Text("災害の概況", "Outline"), _told(reports, "outline")),
    ]
    head = Table(columns=(Column(title="", width=1), Column(title="", width=4)), rows=tuple(rows))
    counts = Table(
        columns=tuple(Column(title="", width=w) for w in (1.3, 1.1) * 3),
        rows=tuple(
            tuple(c for name in names for c in _figure(view, summary, name))
            for names in (
                ("dead", "missing", "injured"),
                ("destroyed_buildings", "half_buildings", "partial_buildings"),
                ("above_floor_buildings", "below_floor_buildings", "calls_119"),
            )
        ),
    )
    rest = Table(
        columns=(Column(title="", width=1), Column(title="", width=4)),
        rows=(
            _pair(view, Text("災害対策本部等の設置状況", "Headquarters"), _headquarters(summary)),
            *_counted(view, summary),
            _pair(view, Text("応急対策の状況", "Measures"), _told(reports, "measures")),
        ),
    )
    note = Text(
        "注: 「–」は未確認(0ではない)。第一報は覚知後30分以内に、分かる範囲で報告する。",
        "Note: “–” is not known (not zero). The first report is due within 30 minutes.",
    )
    title = Text("第4号様式(その1) 災害概況即報", "Form no. 4 (1): outline of the disaster")
    return [Heading(view.say(title)), head, counts, rest, Paragraph(view.say(note), small=True)]


def damage_form(view: View, summary: Summary, reporter: str) -> list[Block]:
    """Return その2, 被害状況即報: all figures of the form."""
    head = Table(
        columns=tuple(Column(title="", width=w) for w in (1, 2.4, 1, 2.4)),
        rows=(
            (*_pair(view, Text("災害名", "Disaster"), _disaster(view, summary)),
             *_pair(view, Text("報告者", "Reported by"), reporter)),
            (*_pair(view, Text("区域", "Area"), _where(view, summary)),
             *_pair(view, Text("現在", "As of"), full_time(view.moment, view.language))),
        ),
        small=True,
    )  # fmt: skip
    thirds = (
        list(_third(view, summary, _LEFT_HEADS, _LEFT)),
        list(_third(view, summary, _MIDDLE_HEADS, _MIDDLE)),
        list(_third(view, summary, _RIGHT_HEADS, _RIGHT)),
    )
    grid = Table(
        columns=tuple(Column(title="", width=w) for w in (2.4, 1, 0.6) * 3),
        rows=tuple(
            tuple(c for cells in row for c in cells)
            for row in zip_longest(*thirds, fillvalue=_EMPTY)
        ),
        small=True,
    )
    relief = [s.body.municipality for s in summary.reports if s.body.relief_act]
    rows = (
        _pair(view, Text("災害対策本部等の設置状況", "Headquarters"), _headquarters(summary)),
        _pair(
            view,
            Text("災害救助法適用市町村", "Disaster Relief Act"),
            f"{'、'.join(relief)} {view.say(Text('計', 'total'))} {len(relief)}"
            f"{view.say(Text('団体', ''))}",
        ),
        _pair(view, Text("災害の概況", "Outline"), _told(summary.reports, "outline")),
        *_counted(view, summary),
        _pair(view, Text("応急対策の状況", "Measures"), _told(summary.reports, "measures")),
        _pair(view, Text("備考", "Remarks"), _told(summary.reports, "remarks")),
    )
    rest = Table(
        columns=(Column(title="", width=1), Column(title="", width=4)), rows=rows, small=True
    )
    title = Text("第4号様式(その2) 被害状況即報", "Form no. 4 (2): damage")
    return [Heading(view.say(title)), head, grid, rest]


def _third(
    view: View, summary: Summary, heads: Iterable[Text], groups: Iterable[tuple[str, ...]]
) -> Iterable[tuple[Cell, ...]]:
    for head, names in zip(heads, groups, strict=True):
        yield (Cell(text=view.say(head), head=True, across=3, align="centre"),)
        for name in names:
            label, unit = _label(view, name), summary.unit(name)
            cell = summary.cell(name) if summary.reports else number_cell(None)
            yield Cell(text=label), cell, Cell(text=unit)


def _label(view: View, name: str) -> str:
    if name in _SUM_LABELS:
        return view.say(_SUM_LABELS[name])
    item = FIGURES[name]
    label = view.say(item.label)
    # The three units of a home's damage stand below each other.
    return label if item.group != "homes" or item.unit == "棟" else f"　{label}"


def _figure(view: View, summary: Summary, name: str) -> tuple[Cell, Cell]:
    cell = summary.cell(name) if summary.reports else number_cell(None)
    label = f"{_label(view, name)}({summary.unit(name)})"
    return Cell(text=label, head=True), cell


def _pair(view: View, label: Text, text: str) -> tuple[Cell, Cell]:
    return Cell(text=view.say(label), head=True), Cell(text=text or "–")


def _counted(view: View, summary: Summary) -> list[tuple[Cell, Cell]]:
    """Return what the form asks in words, and the records can count: orders and shelters."""
    orders = SUMMARY["orders"].give(view, summary)
    open_now = SUMMARY["open_shelters"].give(view, summary)
    people = SUMMARY["evacuees"].give(view, summary)
    told = Text(
        f"開設 {open_now.text} 箇所、避難者 {people.text} 人",
        f"{open_now.text} open, {people.text} people",
    )
    districts = Text(f"発令中 {orders.text} 地区", f"{orders.text} districts under orders")
    return [
        (
            Cell(text=view.say(Text("避難指示等の発令状況", "Evacuation orders")), head=True),
            Cell(text=view.say(districts), link=orders.link),
        ),
        (
            Cell(text=view.say(Text("避難所の設置状況", "Shelters")), head=True),
            Cell(text=view.say(told), link=open_now.link),
        ),
    ]


def _where(view: View, summary: Summary) -> str:
    names = [s.body.municipality for s in summary.reports]
    return view.area_name() or "、".join(names)


def _disaster(view: View, summary: Summary) -> str:
    number = Text(f"(第{summary.number}報)", f"(report {summary.number})")
    if not summary.reports:
        return ""
    final = all(s.body.final for s in summary.reports)
    state = view.say(Text("確定", "final")) if final else view.say(number)
    return f"{summary.incident} {state}".strip()


def _headquarters(summary: Summary) -> str:
    lines = []
    for report in summary.reports:
        body = report.body
        if body.headquarters or body.headquarters_from:
            period = f"設置 {body.headquarters_from}" if body.headquarters_from else ""
            ended = f" 解散 {body.headquarters_to}" if body.headquarters_to else ""
            lines.append(f"{body.municipality} {body.headquarters} {period}{ended}".strip())
    return "\n".join(lines)


def _told(reports: Iterable[object], name: str) -> str:
    found = [(s.body.municipality, getattr(s.body, name)) for s in reports]  # type: ignore[attr-defined]
    told = [(who, what) for who, what in found if what]
    if len(told) == 1:
        return str(told[0][1])
    return "\n".join(f"【{who}】{what}" for who, what in told)
