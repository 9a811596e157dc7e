"""Reports over the web: which there are, and each as PDF, Excel or a page that prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinomi.apps.web import parameters, routes
from hinomi.apps.web.http import JSON, Answer, Ask, encode, segment
from hinomi.apps.web.parameters import Parameter, moment_of
from hinomi.apps.web.routes import Route
from hinomi.domains.response.share.reports import DEFAULTS, FORMATS
from hinomi.kernel.errors import Text
from hinomi.runtime.reports import Reports
from hinomi.standards.paper.html import style_sheet
from hinomi.vocabulary.times import JST

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

P = parameters
AREA = Parameter(
    "area",
    Text("市町村(7桁)か都道府県(2桁)", "a municipality's 7 digits or a prefecture's 2"),
    {"type": "string", "pattern": "^[0-9]{2,7}$"},
)
__all__ = ["AREA", "DEFAULTS", "ROUTES", "made", "report_of"]
_F = Parameter("f", P.F.text, {"type": "string", "enum": list(FORMATS)})
_STYLE = "reports/style.css"


def every(web: Web, ask: Ask) -> Answer:
    """Answer which reports can be made, for buttons: title, formats, addresses under this view."""
    kept = [f"{n}={ask.query[n]}" for n in ("status", "as-of", "area") if n in ask.query]
    body = {
        "reports": [
            {
                "name": offer.name,
                "title": offer.title,
                "own": offer.own,
                "fault": offer.fault,
                "formats": [
                    {
                        "format": form,
                        "type": media.split(";")[0],
                        "href": f"{ask.base}/reports/{segment(offer.name)}?"
                        + "&".join([f"f={form}", *(segment_query(k) for k in kept)]),
                    }
                    for form, media in FORMATS.items()
                ],
            }
            for offer in _reports(web).offers()
        ]
    }
    return Answer(body=encode(body))


def segment_query(pair: str) -> str:
    """Return ``name=value`` with the value quoted."""
    name, _, value = pair.partition("=")
    return f"{name}={segment(value)}"


def one(web: Web, ask: Ask) -> Answer:
    """Answer one report, made from what the caller may see."""
    return made(web, ask, ask.arguments["report"], ask.media)


def made(web: Web, ask: Ask, name: str, form: str) -> Answer:
    """Return a report as an answer; Japanese unless another language is asked for."""
    chosen = "lang" in ask.query or b"accept-language" in ask.headers
    now = web.service.now()
    body = _reports(web).make(
        web.reader(ask),
        name,
        form,
        now=now,
        as_of=moment_of(ask),
        language=ask.language if chosen else "ja",
        area=ask.query.get("area", ""),
        base=ask.base,
        style=f"{ask.base}/{_STYLE}",
    )
    status = ask.query.get("status", "actual")
    stem = f"{name}-{now.astimezone(JST):%Y%m%d-%H%M}"
    file = f"{'' if status == 'actual' else f'{status}-'}{stem}.{form}"
    # A workbook is saved; a PDF and a page are looked at, and printed, where they are.
    kind = "attachment" if form == "xlsx" else "inline"
    header = (b"content-disposition", f'{kind}; filename="{file}"'.encode())
    return Answer(body=body, media_type=FORMATS[form], headers=(header,))


def style(web: Web, _: Ask) -> Answer:
    """Answer the style sheet of reports that are pages."""
    del web
    return Answer(body=style_sheet().encode(), media_type="text/css; charset=utf-8")


def report_of(product: str) -> tuple[str, str] | None:
    """Return report and format where a product is a report."""
    name, _, form = product.rpartition(".")
    return (name, form) if form in FORMATS and name else None


def _reports(web: Web) -> Reports:
    return Reports(web.service.templates)


ROUTES = (
    Route(
        path="/reports", name="reports", text=Text("作れる報告", "Reports that can be made"),
        answer=every, parameters=(P.STATUS, P.AS_OF, AREA, P.LANG), offers=routes.ONLY_JSON,
        gives={JSON: "object"}, heavy=True, tags=("products",),
    ),
    Route(
        path="/reports/style.css", name="report-style", text=Text("様式", "Style of the pages"),
        answer=style, parameters=(), offers=(("text/css", "css"),),
        gives={"text/css": "text"}, tags=("products",),
    ),
    Route(
        path="/reports/{report}", name="report", text=Text("報告ひとつ", "One report"),
        answer=one, parameters=(_F, P.STATUS, P.AS_OF, AREA, P.LANG),
        offers=tuple((media.split(";")[0], form) for form, media in FORMATS.items()),
        gives={media.split(";")[0]: "binary" for media in FORMATS.values()},
        refusals=(400, 404, 422), heavy=True, tags=("products",),
    ),
)  # fmt: skip
