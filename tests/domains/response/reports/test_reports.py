"""Reports: sums that are computed, figures that lead to their source, one moment, one status."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pypdf
import pytest

from hinomi.domains.response.share.reports import (
    DEFAULTS,
    FORMATS,
    PRODUCTS,
    build,
    default_text,
    moment_of,
    parse_template,
    write,
)
from hinomi.kernel.errors import DataError, InputError
from hinomi.kernel.marking import ANONYMOUS, Status
from hinomi.kernel.reader import Reader
from hinomi.runtime.catalog import default_catalog
from hinomi.standards.cql2 import check, parse_text
from hinomi.standards.paper import Cell, Document, KeyFigures, Table

WAJIMA, NANAO, TOYAMA = "1720400", "1720200", "1620100"
NOW = datetime(2026, 9, 12, 0, tzinfo=UTC)


def made(reader: Reader, name: str = "situation", language: str = "ja", area: str = "") -> Document:
    template = parse_template(default_text(name), name)
    return build(reader, template, moment=NOW, language=language, area=area)


def cells(document: Document) -> list[Cell]:
    found: list[Cell] = []
    for block in document.blocks:
        if isinstance(block, Table):
            found += [cell for row in block.rows for cell in row]
        elif isinstance(block, KeyFigures):
            found += [cell for _, cell in block.items]
    return found


def keys(document: Document) -> dict[str, Cell]:
    return {n: c for b in document.blocks if isinstance(b, KeyFigures) for n, c in b.items}


def words(data: bytes) -> str:
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    return re.sub(r"[\s\0]", "", text)


@pytest.fixture
def busy(night: Any) -> Any:
    night.level(WAJIMA, "輪島市", 4)
    night.shelter("輪島中学校", 80)
    night.shelter("輪島小学校", None)
    values = {"dead": 1, "above_floor_buildings": 31, "loss_schools": 10, "loss_fishery": 5}
    night.do("report-damage", area_code=WAJIMA, **values, relief_act="true", outline="浸水した")
    night.do("report-damage", area_code=NANAO, dead=2, missing=0)
    night.do("report-damage", area_code=TOYAMA, dead=0)
    lines = {"area_code": WAJIMA, "line": "electricity", "state": "partial"}
    night.do("report-lifeline", **lines, households_out=1200)
    night.do("write-entry", text="堤防から越水", from_whom="住民")
    night.do("give-task", title="燃料", owner="総務班")
    night.do("assign-duty", name="山田", team="総務班", contact="090-0000-0000")
    return night


def test_sums_are_computed_per_prefecture_and_in_all(busy: Any) -> None:
    table = next(
        b for b in made(busy.reader()).blocks
        if isinstance(b, Table) and b.columns[1].title == "報"
    )  # fmt: skip
    dead = {row[0].text: row[2].value for row in table.rows}
    assert dead == {
        "富山市": 0, "16 計(1市町村)": 0, "七尾市": 2, "輪島市": 1, "17 計(2市町村)": 3,
        "計(3市町村)": 3,
    }  # fmt: skip


def test_not_known_is_never_written_as_zero(busy: Any) -> None:
    figures = keys(made(busy.reader()))
    assert figures["行方不明者(人)"].value == 0  # Nanao has looked: nobody is missing.
    assert figures["全壊(棟)"].value is None
    assert figures["全壊(棟)"].text == "–"
    assert figures["断水(戸)"].value is None
    assert figures["避難者(人)"].value == 80


def test_every_figure_leads_to_its_record_or_to_the_query_that_counts_it(busy: Any) -> None:
    reader = busy.reader()
    figures = [c for name in DEFAULTS for c in cells(made(reader, name)) if c.value is not None]
    assert len(figures) > 40
    for cell in figures:
        at = urlsplit(cell.link)
        parts = at.path.split("/")
        query = {k: v[0] for k, v in parse_qs(at.query).items()}
        if parts[0] == "records":
            assert reader.record(parts[1])
            continue
        collection = reader.catalog.collection(parts[1])
        known = {**collection.property_types(), "id": "string"}
        question = check(parse_text(query["filter"]), known)
        found = list(reader.at(int(query["as-of"])).every(collection.id, filter=question))
        # What the address gives adds up to the figure, as people or as the number of things.
        sums = {len(found)}
        for name in ("people", "households_out", *_FIGURES):
            sums.add(sum(i.properties().get(name) or 0 for i in found))
        sums.add(sum(_total(i.properties()) for i in found))
        assert cell.value in sums, cell


_FIGURES = ("dead", "missing", "above_floor_buildings", "loss_schools", "loss_fishery")


def _total(body: dict[str, Any]) -> float:
    return sum(v for n, v in body.items() if n.startswith("loss_"))


def test_a_figure_leads_to_the_report_that_first_said_it(busy: Any) -> None:
    first = busy.reader().get("response.damage", WAJIMA)
    busy.do("report-damage", area_code=WAJIMA, above_floor_buildings=40)
    document = made(busy.reader(), "fdma-4", area=WAJIMA)
    dead = next(c for c in cells(document) if c.value == 1)
    above = next(c for c in cells(document) if c.value == 40)
    assert first.id in dead.link
    assert first.id not in above.link


def test_the_form_s_subtotals_are_its_own_figures(busy: Any) -> None:
    document = made(busy.reader(), "fdma-4", area=WAJIMA)
    grid = [row for b in document.blocks if isinstance(b, Table) and b.small for row in b.rows]
    flat = [cell for row in grid for cell in row]
    by_label = {c.text: flat[i + 1].value for i, c in enumerate(flat[:-1])}
    assert (by_label["公共施設 小計"], by_label["被害総額"]) == (10, 15)


def test_an_area_narrows_all_and_another_gives_nothing(busy: Any) -> None:
    assert keys(made(busy.reader(), area="16"))["死者(人)"].value == 0
    assert keys(made(busy.reader(), area=NANAO))["避難者(人)"].value is None
    with pytest.raises(InputError, match="digits"):
        made(busy.reader(), area="17' OR 1=1")


@pytest.mark.parametrize(
    ("name", "form"),
    [*((name, "html") for name in DEFAULTS), ("situation", "pdf"), ("situation", "xlsx")],
)
def test_a_report_of_the_past_is_the_report_that_was_made_then(
    busy: Any, name: str, form: str
) -> None:
    position = busy.reader().position()
    before = write(made(busy.reader(), name), form, "http://h")
    busy.do("report-damage", area_code=WAJIMA, dead=9)
    busy.do("write-entry", text="later")
    busy.level(WAJIMA, "輪島市", 5)
    assert write(made(busy.reader().at(position), name), form, "http://h") == before
    now = write(made(busy.reader(), "situation"), form, "http://h")
    assert now != write(made(busy.reader().at(position), "situation"), form, "http://h")


def test_an_exercise_says_so_on_every_page_and_never_enters_an_actual_report(busy: Any) -> None:
    busy.do("report-damage", area_code=WAJIMA, dead=77, status="exercise")
    busy.shelter("訓練用体育館", 999, "exercise")
    for entry in range(60):
        busy.do("write-entry", text=f"訓練の記録{entry}" * 10, status="exercise")
    for name in DEFAULTS:
        drill = made(busy.reader("exercise"), name)
        pdf = pypdf.PdfReader(io.BytesIO(write(drill, "pdf", "http://h")))
        assert all("訓練" in page.extract_text().replace("\0", "") for page in pdf.pages)
        assert len(pdf.pages) > 1 or name != "chronology"
        book = openpyxl.load_workbook(io.BytesIO(write(drill, "xlsx", "http://h")))
        assert all("訓練" in sheet.oddHeader.center.text for sheet in book)
        assert all("訓練" in str(sheet["A1"].value) for sheet in book)
        assert 'class="banner">訓練' in write(drill, "html", "http://h").decode()
        links = [c.link for c in cells(drill) if c.link]
        assert all("status=exercise" in link for link in links)
        actual = write(made(busy.reader(), name), "html", "http://h").decode()
        assert "訓練" not in actual
        assert "77" not in re.sub(r"<[^>]*>|\d\d:\d\d", "", actual)
    with pytest.raises(InputError, match="one status"):
        made(Reader(busy.store, default_catalog(), ANONYMOUS, status=frozenset(Status)))


def test_a_reader_sees_in_a_report_what_they_see_elsewhere(busy: Any) -> None:
    open_to_all = made(busy.reader(principal=ANONYMOUS))
    figures = keys(open_to_all)
    assert figures["避難者(人)"].value == 80
    assert figures["死者(人)"].value is None
    assert open_to_all.label == ""
    everything = "".join(
        write(made(busy.reader(principal=ANONYMOUS), name), "html", "").decode()
        for name in DEFAULTS
    )
    assert not re.search("堤防|山田|090-|燃料", everything)
    assert made(busy.reader()).label.startswith("TLP:AMBER")


def test_no_report_shows_telephone_numbers_unless_the_town_asks(busy: Any) -> None:
    assert "090-" not in write(made(busy.reader(), "roster"), "html", "").decode()
    own = 'title = "名簿"\n[[sections]]\nkind = "roster"\ncolumns = ["name", "contact"]\n'
    document = build(busy.reader(), parse_template(own, "own"), moment=NOW, language="ja")
    assert "090-0000-0000" in write(document, "html", "").decode()


def test_the_chronology_goes_to_excel_and_pdf_whole(busy: Any) -> None:
    for number in range(350):
        busy.do("write-entry", text=f"記録{number:03}番")
    document = made(busy.reader(), "chronology")
    sheet = openpyxl.load_workbook(io.BytesIO(write(document, "xlsx", "http://h"))).active
    told = "".join(str(c.value) for row in sheet for c in row if c.value)
    printed = words(write(document, "pdf", "http://h"))
    for text in ("堤防から越水", "記録000番", "記録349番"):
        assert text in told
        assert text in printed


def test_a_struck_or_corrected_entry_stays_readable_and_is_marked(busy: Any) -> None:
    entry = busy.do("write-entry", text="橋が落ちた")
    busy.do("strike-entry", on=entry, why="誤報")
    text = write(made(busy.reader(), "chronology"), "html", "").decode()
    assert "【取消】橋が落ちた" in text


def test_a_cell_is_never_a_formula_nor_markup(busy: Any) -> None:
    bad = '=HYPERLINK("http://x")<script>alert(1)</script>&'
    busy.do("write-entry", text=bad)
    document = made(busy.reader(), "chronology")
    sheet = openpyxl.load_workbook(io.BytesIO(write(document, "xlsx", "http://h"))).active
    cell = next(c for row in sheet for c in row if c.value == bad)
    assert cell.data_type == "s"
    assert "<script>" not in write(document, "html", "").decode()


def test_every_product_renders_from_nothing(night: Any) -> None:
    for product in PRODUCTS:
        language = "ja" if product.media_type == FORMATS["pdf"] else "en"
        data = b"".join(product.render(night.reader(), language))
        assert data[:4] in {b"%PDF", b"PK\x03\x04", b"<!do"}


def test_a_faulty_template_tells_all_its_faults_with_their_places() -> None:
    text = (
        'title = "{incidnt}"\n[[sections]]\nkind = "level"\n'
        '[[sections]]\nkind = "shelters"\ncolumns = ["name", "peoples"]\nlimit = -1\n'
    )
    with pytest.raises(DataError) as told:
        parse_template(text, "own.toml")
    found = {p.path: p.text.en for p in told.value.problems}
    assert set(found) == {
        "own.toml.title", "own.toml.sections[1].kind", "own.toml.sections[2].columns",
        "own.toml.sections[2].limit",
    }  # fmt: skip
    assert "nearest: levels" in found["own.toml.sections[1].kind"]
    assert "nearest: people" in found["own.toml.sections[2].columns"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("title = ", "own.toml"),
        ('title = "a"\ncolour = "red"\n[[sections]]\nkind = "text"', "own.toml"),
        ('title = "a"\n[[sections]]\nkind = "text"\nfoo = 1', "own.toml.sections[0]"),
        ('title = "a"\nsections = []', "own.toml"),
        ("x" * 300_000, "own.toml"),
    ],
    ids=["no toml", "unknown setting", "unknown in a section", "no section", "too large"],
)
def test_what_is_no_template_is_refused_by_its_place(text: str, place: str) -> None:
    with pytest.raises(DataError) as told:
        parse_template(text, "own.toml")
    assert told.value.problems[0].path.startswith(place)


def test_a_product_s_moment_is_of_what_its_reader_sees(night: Any) -> None:
    night.level(WAJIMA, "輪島市", 3)
    seen = night.time
    for number in range(150):
        night.shelter(f"訓練{number}", 1, "exercise")
    assert moment_of(night.reader()) == seen
    assert moment_of(night.reader("exercise")) == night.time
    assert moment_of(night.reader("test")) < seen
