"""GET: the service document, entities, their relations and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote
from weakref import WeakKeyDictionary

from hinomi.apps.web.http import Answer, Ask, encode
from hinomi.apps.web.sta.query import Page, Questions
from hinomi.apps.web.sta.rows import Row
from hinomi.apps.web.sta.shapes import SHAPES, Shape
from hinomi.apps.web.sta.town import Towns
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.runtime.service import Service
from hinomi.standards.odata import FUNCTIONS, Options, Step, parse_options, parse_path
from hinomi.standards.sensorthings import NONE, csdl

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

PREFIX = "sta"
_TOWNS: WeakKeyDictionary[Service, Towns] = WeakKeyDictionary()
"""Each app's own."""


def root_of(ask: Ask) -> str:
    """Return the address that the service's links begin with."""
    return f"{ask.base}/{PREFIX}/{ask.segments[1]}"


def shape_of(ask: Ask) -> Shape:
    """Return the version that the address names."""
    return SHAPES[ask.segments[1]]


def questions(web: Web, ask: Ask) -> Questions:
    """Return the request's view of the entities."""
    reader = web.reader(ask)
    towns = _TOWNS.setdefault(web.service, Towns())
    return Questions(towns.read(reader), reader, web.service.now(), root_of(ask), shape_of(ask))


def steps_of(ask: Ask) -> tuple[Step, ...]:
    """Return the path below the service's root."""
    return parse_path("/".join(ask.segments[2:]))


def service_document(web: Web, ask: Ask) -> Answer:
    """Answer what sets there are and what is conformed to (OGC 18-088, 9.2.1; 23-019, 9.3)."""
    del web
    root, shape = root_of(ask), shape_of(ask)
    version, context = shape.version, shape.words.context
    body: dict[str, object] = {context: f"{root}/$metadata"} if context else {}
    body["value"] = [{"name": e.set, "url": f"{root}/{e.set}"} for e in version.entities]
    settings: dict[str, object] = {"conformance": list(version.conformance), **version.settings}
    if context:
        settings["functions"] = sorted(FUNCTIONS)
        settings[_HTTP] = {"endpoints": [root]}
    return Answer(body=encode({**body, "serverSettings": settings}))


_HTTP = "http://www.opengis.net/spec/sensorthings/2.0/req/binding/http"


def metadata(web: Web, ask: Ask) -> Answer:
    """Answer the data model as OData CSDL JSON (OGC 23-019, 9.1)."""
    del web
    return Answer(body=encode(csdl(shape_of(ask).version)))


def get(web: Web, ask: Ask) -> Answer:
    """Answer an entity, a set, a relation, a property, with the options of the query."""
    steps = steps_of(ask)
    view = questions(web, ask)
    options = parse_options(ask.query)
    target = resolve(view, steps)
    match target:
        case (Row() as row, None) if steps[-1].name == "$ref" and view.shape.words.context:
            link = encode(view.shape.address(row, view.root))
            context = view.shape.context(view.root, "$ref")
            return Answer(body=b'{%b"%b":%b}' % (context, _self_link(view), link))
        case (Row() as row, None):
            body = view.text([row], options)[0]
            context = view.shape.context(view.root, f"{view.shape.entities[row.kind].set}/$entity")
            return Answer(body=b"{%b%b" % (context, body[1:]))
        case (Row() as row, str() as name):
            return _property(view, row, name, raw=steps[-1].name == "$value")
        case (str() as kind, parent):
            refs = steps[-1].name == "$ref"
            return _set(view, ask, kind, options, parent, refs=refs)
    raise AssertionError(target)


Target = tuple[Row, str | None] | tuple[str, tuple[Row, str] | None]
"""An entity; an entity and its property; a set's kind and the relation that it comes by."""


def resolve(view: Questions, steps: tuple[Step, ...]) -> Target:
    """Return what a path leads to.

    Raises:
        MissingError: a step leads nowhere.
        InputError: a step cannot follow the one before.
    """
    if not steps:
        raise _no_step("")
    entities = view.shape.version.entities
    entity = next((e for e in entities if e.set == steps[0].name), None)
    if entity is None:
        raise MissingError(Text("エンティティ集合", "entity set"), steps[0].name,
                           [e.set for e in entities])  # fmt: skip
    target: Target = (entity.kind, None)
    if steps[0].id is not None:
        target = (view.one(entity.kind, steps[0].id), None)
    for step in steps[1:]:
        if step.name in {"$ref", "$value"}:
            break
        target = _follow(view, target, step)
    return target


def _follow(view: Questions, target: Target, step: Step) -> Target:
    row, name = target
    if not isinstance(row, Row) or name is not None:
        raise _no_step(step.name)
    entity = view.shape.entities[row.kind]
    relation = entity.relation(step.name)
    if relation is None:
        known = step.name == "id" or entity.property(step.name) is not None
        if not known or step.id is not None:
            raise _no_step(step.name)
        return row, step.name
    if not relation.many:
        found = view.related(row, relation)
        if found is None:
            raise MissingError(Text("エンティティ", relation.target), row.id)
        return found, None
    kind, name = view.shape.kinds[relation.target], relation.of or relation.name
    if step.id is None:
        return kind, (row, name)
    return _member(view, row, kind, name, step.id), None


def _member(view: Questions, row: Row, kind: str, name: str, row_id: str) -> Row:
    """Return an entity by its id if the relation leads to it."""
    found = view.one(kind, row_id)
    if kind == "Observation":
        linked = found.links["Datastream" if row.kind == "Datastream" else "FeatureOfInterest"]
        inside = linked == row.id
    elif kind == "HistoricalLocation":
        inside = row.id in {found.links["Thing"], *found.links["Locations"]}
    elif name == NONE:
        inside = False
    else:
        inside = any(r.id == row_id for r in view.town.related(row, name))
    if not inside:
        raise MissingError(Text("エンティティ", kind), row_id)
    return found


def _no_step(name: str) -> InputError:
    return InputError(
        f"The path cannot go on with {name[:60]!r}.", f"パスに「{name[:60]}」は続けられません。"
    )


def _self_link(view: Questions) -> bytes:
    return view.shape.words.self_link.encode()


def _property(view: Questions, row: Row, name: str, *, raw: bool) -> Answer:
    value = row.id if name == "id" else view.shape.shown(row, name)
    if value is None:
        return Answer(status=204)
    if raw:
        text = value if isinstance(value, str) else encode(value).decode()
        return Answer(body=text.encode(), media_type="text/plain; charset=utf-8")
    return Answer(body=view.shape.alone(row, name, value, view.root))


def _set(
    view: Questions,
    ask: Ask,
    kind: str,
    options: Options,
    parent: tuple[Row, str] | None,
    *,
    refs: bool,
) -> Answer:
    page = view.page(kind, options, parent)
    link = _next_link(ask, page, view.shape)
    if options.result_format == "dataArray":
        return _data_array(view, kind, page, options, link)
    if options.result_format:
        raise InputError("$resultFormat: expected dataArray.", "$resultFormatはdataArrayです。")
    if refs:
        key = view.shape.words.self_link
        parts = [encode({key: view.shape.address(row, view.root)}) for row in page.rows]
    else:
        parts = view.text(page.rows, options)
    what = "Collection($ref)" if refs else view.shape.entities[kind].set
    head = view.shape.context(view.root, what) + _count(page, view.shape) + link
    return Answer(body=b'{%b"value":[%b]}' % (head, b",".join(parts)))


def _count(page: Page, shape: Shape) -> bytes:
    return b"" if page.count is None else b'"%b":%d,' % (shape.words.count.encode(), page.count)


def _next_link(ask: Ask, page: Page, shape: Shape) -> bytes:
    if page.token is None:
        return b""
    kept = [
        p for p in ask.safe_query.split("&")
        if p and p.partition("=")[0].replace("%24", "$") not in {"$skip", "$skiptoken"}
    ]  # fmt: skip
    path = quote(ask.path.decode(), safe="/()',@$%:-._~!*+;=&")
    query = "&".join([*kept, f"$skiptoken={page.token}"])
    here = encode(f"{ask.base}{path}?{query}")
    return b'"%b":%b,' % (shape.words.next.encode(), here)


_COMPONENTS = ("id", "phenomenonTime", "resultTime", "result", "resultQuality")


def _data_array(view: Questions, kind: str, page: Page, options: Options, link: bytes) -> Answer:
    """Answer observations as rows, by datastream (OGC 18-088, 11.1)."""
    if kind != "Observation" or view.shape.words.context:
        raise InputError("dataArray is for Observations.", "dataArrayはObservationsだけです。")
    names = tuple(n for n in _COMPONENTS if not options.select or n in options.select)
    by_stream: dict[str, list[list[object]]] = {}
    for row in page.rows:
        cells = [row.id if name == "id" else view.shape.shown(row, name) for name in names]
        by_stream.setdefault(row.links["Datastream"], []).append(cells)
    value = [
        {
            "Datastream@iot.navigationLink":
                view.shape.address(view.town.set("Datastream")[stream], view.root),
            "components": names,
            "dataArray@iot.count": len(rows),
            "dataArray": rows,
        }
        for stream, rows in by_stream.items()
    ]  # fmt: skip
    return Answer(body=b'{%b%b"value":%b}' % (_count(page, view.shape), link, encode(value)))
