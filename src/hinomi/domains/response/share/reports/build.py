"""A report: a template filled with the records of one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from hinomi.domains.response.collections.damage import FIGURES
from hinomi.domains.response.collections.handovers import HANDOVERS, Handover
from hinomi.domains.response.share.reports.damage import Standing, Summary
from hinomi.domains.response.share.reports.forms import damage_form, outline_form
from hinomi.domains.response.share.reports.kinds import KINDS
from hinomi.domains.response.share.reports.summary import SUMMARY, key_figures
from hinomi.domains.response.share.reports.tables import table
from hinomi.domains.response.share.reports.template import Section, Template
from hinomi.domains.response.share.reports.view import View, clock_time, full_time
from hinomi.kernel.errors import Text
from hinomi.kernel.marking import Status
from hinomi.kernel.reader import Reader
from hinomi.standards.paper import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Signatures,
    Table,
)

_DAMAGE = (
    "dead", "missing", "injured_serious", "injured_slight", "destroyed_buildings",
    "half_buildings", "partial_buildings", "above_floor_buildings", "below_floor_buildings",
)  # fmt: skip
_BANNERS = {
    Status.EXERCISE: Text("訓練 EXERCISE", "EXERCISE 訓練"),
    Status.TEST: Text("試験 TEST", "TEST 試験"),
}
_LINES: dict[str, Text] = {
    "alert": Text("未確認の通知", "Alert, not acknowledged"),
    "level": Text("警報等", "Level"),
    "order": Text("避難情報", "Order"),
    "task": Text("タスク", "Task"),
    "shelter": Text("避難所", "Shelter"),
    "decision": Text("決定", "Decision"),
}


def build(
    reader: Reader, template: Template, *, moment: datetime, language: str, area: str = ""
) -> Document:
    """Return the report as it stands for the reader.

    Args:
        reader: whose records, in one status, at one position.
        template: what it is made up of.
        moment: what the reader's position is as a time; the head says it.
        language: ``ja`` or ``en``.
        area: a prefecture's 2 or a municipality's 7 digits; empty: all.

    Raises:
        InputError: the reader mixes statuses, or the area is no code.
    """
    view = View(reader, language=language, moment=moment, area=area)
    summary = Summary(view)
    places = _places(view, summary, template)
    blocks: list[Block] = []
    for section in template.sections:
        if section.new_page:
            blocks.append(PageBreak())
        title = _put(_in(language, section.title, section.title_en), places)
        if title:
            blocks.append(Heading(title))
        blocks += _blocks(view, summary, section, places)
    banner = _BANNERS.get(view.status)
    head = template.letterhead_en if language != "ja" else ()
    return Document(
        title=_put(_in(language, template.title, template.title_en), places),
        language=language,
        letterhead=head or template.letterhead,
        logo=template.logo,
        subtitle=f"{places['moment']} {view.say(Text('現在', 'as of then'))}",
        banner=view.say(banner) if banner else "",
        label=view.label(),
        foot=view.say(Text(f"記録位置 {view.position}", f"position {view.position}")),
        created=moment,
        landscape=template.landscape,
        blocks=tuple(blocks),
    )


def _blocks(
    view: View, summary: Summary, section: Section, places: dict[str, str]
) -> Sequence[Block]:
    if section.kind in KINDS:
        made, left = table(view, KINDS[section.kind], section.columns, section.limit)
        return [made, *_left_out(view, left)]
    return _BLOCKS[section.kind](view, summary, section, places)


def _left_out(view: View, count: int) -> list[Block]:
    if not count:
        return []
    told = Text(f"ほか{count:,}件は省略しました。", f"{count:,} more are left out.")
    return [Paragraph(view.say(told), small=True)]


def _summary(view: View, summary: Summary, section: Section, _: dict[str, str]) -> list[Block]:
    return [key_figures(view, summary, section.columns)]


def _damage(view: View, summary: Summary, section: Section, _: dict[str, str]) -> list[Block]:
    names = section.columns or _DAMAGE
    titles = [view.say(Text("市町村", "Municipality")), view.say(Text("報", "No."))]
    columns = [Column(title=titles[0], width=1.8), Column(title=titles[1], width=0.8)]
    columns += [Column(title=_title(view, n), align="right") for n in names]
    columns.append(Column(title=view.say(Text("報告", "Stated")), width=1.5))
    rows = []
    prefectures = summary.prefectures()
    for prefecture in prefectures:
        own = summary.of(prefecture)
        rows += [_damage_row(view, summary, report, names) for report in own]
        if len(prefectures) > 1:
            rows.append(_sum_row(view, summary, f"{prefecture} ", own, names))
    if len(summary.reports) > 1:
        rows.append(_sum_row(view, summary, "", summary.reports, names))
    empty = view.say(Text("被害の報告はありません。", "No damage is reported."))
    blocks: list[Block] = [Table(columns=tuple(columns), rows=tuple(rows), empty=empty)]
    note = Text(
        "「–」は未確認で、0ではない。計は報告のあった市町村の合計。",
        "“–” is not known, not zero. Sums are of the municipalities that have reported.",
    )
    if rows:
        blocks.append(Paragraph(view.say(note), small=True))
    if summary.others:
        names_of = "、".join(name or "(災害名なし)" for name in summary.others)
        other = Text(f"ほかの災害の報告は含まない: {names_of}", f"Not included: {names_of}")
        blocks.append(Paragraph(view.say(other), small=True))
    return blocks


def _title(view: View, name: str) -> str:
    key = SUMMARY.get(name)
    if name not in FIGURES:
        return view.say(key.title) if key else name
    item = FIGURES[name]
    return f"{view.say(item.label)}({item.unit})" if view.language == "ja" else item.label.en


def _damage_row(
    view: View, summary: Summary, report: Standing, names: Sequence[str]
) -> tuple[Cell, ...]:
    body, link = report.body, view.record_link(report.item.id)
    number = Text(f"第{body.number}報", f"{body.number}")
    if body.correction:
        number = Text(f"{number.ja}訂正", f"{number.en} corr.")
    return (
        Cell(text=body.municipality, link=link),
        Cell(text=view.say(Text("確定", "final")) if body.final else view.say(number), link=link),
        *(summary.cell(name, [report]) for name in names),
        Cell(text=clock_time(report.item.said_at)),
    )


def _sum_row(
    view: View, summary: Summary, head: str, among: Sequence[Standing], names: Sequence[str]
) -> tuple[Cell, ...]:
    total = Text(f"{head}計({len(among)}市町村)", f"{head}total ({len(among)})")
    cells = (summary.cell(name, among) for name in names)
    return (
        Cell(text=view.say(total), head=True, strong=True),
        Cell(head=True),
        *(msgspec.structs.replace(cell, strong=True, head=True) for cell in cells),
        Cell(head=True),
    )


def _text(view: View, _: Summary, section: Section, places: dict[str, str]) -> list[Block]:
    return [Paragraph(_put(_in(view.language, section.text, section.text_en), places))]


def _signatures(_: View, __: Summary, section: Section, ___: dict[str, str]) -> list[Block]:
    return [Signatures(tuple((name, "") for name in section.names))]


def _form_1(view: View, summary: Summary, _: Section, places: dict[str, str]) -> list[Block]:
    return outline_form(view, summary, places["letterhead"])


def _form_2(view: View, summary: Summary, _: Section, places: dict[str, str]) -> list[Block]:
    return damage_form(view, summary, places["letterhead"])


def _handover(view: View, _: Summary, section: Section, __: dict[str, str]) -> list[Block]:
    del section
    found = view.find(HANDOVERS.id)
    last = max(found, key=lambda i: (i.properties()["position"], i.seq), default=None)
    if last is None:
        none = Text("引継書はまだ作られていません。", "No hand-over has been drawn up.")
        return [Paragraph(view.say(none))]
    body = msgspec.convert(last.body(), Handover)
    rows = tuple(
        (
            Cell(text=view.say(_LINES.get(line.kind, Text(line.kind, line.kind)))),
            Cell(text=line.text, link=view.record_link(line.record)),
        )
        for line in body.lines
    )
    about = Text(
        f"{full_time(body.known_at, 'ja')}の記録による", f"From the records of "
        f"{full_time(body.known_at, 'en')}",
    )  # fmt: skip
    since = clock_time(body.since) or view.say(Text("(初回)", "(the first)"))
    period = Text(f"前回の引継ぎ {since}", f"last hand-over {since}")
    return [
        Paragraph(
            f"{view.say(about)}。{view.say(period)}",
            link=view.record_link(last.id),
        ),
        Heading(view.say(Text("申し送り", "Notes")), 2),
        Paragraph(body.notes or view.say(Text("なし", "None"))),
        Heading(view.say(Text("引き継ぐ事項", "What is handed over")), 2),
        Table(
            columns=(
                Column(title=view.say(Text("区分", "Kind")), width=1.2),
                Column(title=view.say(Text("内容", "What")), width=5),
            ),
            rows=rows,
            empty=view.say(Text("ありません。", "Nothing.")),
        ),
        *_left_out(view, body.omitted),
        Signatures(
            (
                (_signer(view, Text("引継者", "Leaves"), body.outgoing),
                 _signed(body.signed_out_by, body.signed_out_at)),
                (_signer(view, Text("引受者", "Takes over"), body.incoming),
                 _signed(body.signed_in_by, body.signed_in_at)),
            )
        ),
    ]  # fmt: skip


def _signer(view: View, role: Text, name: str) -> str:
    return f"{view.say(role)} {name}"


def _signed(name: str, at: datetime | None) -> str:
    return f"{name} {clock_time(at)}".strip()


def _places(view: View, summary: Summary, template: Template) -> dict[str, str]:
    head = template.letterhead_en if view.language != "ja" else ()
    number = Text(f"(第{summary.number}報)", f"(report {summary.number})")
    return {
        "incident": summary.incident or view.say(Text("今回の災害", "the disaster")),
        "number": view.say(number) if summary.number else "",
        "area": view.area_name(),
        "moment": full_time(view.moment, view.language),
        "letterhead": " ".join(head or template.letterhead),
    }


def _in(language: str, ja: str, en: str) -> str:
    return en if language != "ja" and en else ja


def _put(text: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text.strip()


_BLOCKS: dict[str, Callable[[View, Summary, Section, dict[str, str]], list[Block]]] = {
    "summary": _summary,
    "damage": _damage,
    "text": _text,
    "signatures": _signatures,
    "handover": _handover,
    "fdma-4-1": _form_1,
    "fdma-4-2": _form_2,
}
