"""The addresses of SensorThings in the table of routes: one for each depth of a path."""

from __future__ import annotations

from hinomi.apps.web import parameters
from hinomi.apps.web.http import JSON
from hinomi.apps.web.parameters import Parameter
from hinomi.apps.web.routes import ONLY_JSON, Handler, Route
from hinomi.apps.web.sta import answers, batching, writing
from hinomi.kernel.errors import Text
from hinomi.standards.odata.options import NAMES
from hinomi.standards.sensorthings import VERSIONS

DEPTH = 6
_ROOT, _ROOT_2 = (f"/{answers.PREFIX}/{version.name}" for version in VERSIONS)
_VIEW = (parameters.STATUS, parameters.AS_OF, parameters.LANG)
_OPTIONS = tuple(
    Parameter(name, Text(f"ODataの{name}", f"OData's {name} (OGC 18-088)"), {"type": "string"})
    for name in NAMES
)


def _paths(least: int, most: int, root: str = _ROOT) -> list[str]:
    names = ("set", "second", "third", "fourth", "fifth", "sixth")
    return [
        root + "".join(f"/{{{name}}}" for name in names[:depth]) for depth in range(least, most + 1)
    ]


def _route(path: str, method: str, text: Text, answer: Handler) -> Route:
    writes = method != "GET"
    return Route(
        path=path,
        name=f"sta{'-2' * path.startswith(_ROOT_2)}-{method.lower()}-{path.count('/') - 2}",
        method=method,
        text=text,
        answer=answer,
        parameters=(*((parameters.STATUS, parameters.LANG) if writes else (*_VIEW, *_OPTIONS)),),
        offers=ONLY_JSON,
        gives={JSON: "any"},
        success=201 if method == "POST" else 200,
        body="any" if method in {"POST", "PATCH", "PUT"} else "",
        refusals=(400, 401, 403, 404, 408, 413, 422, 503) if writes else (204, 400, 404),
        heavy=True,
        tags=("sensorthings",),
    )


_GET = Text("SensorThings: 読む", "SensorThings: read entities")
_POST = Text("SensorThings: 作る", "SensorThings: create, deep inserts too")
_PATCH = Text("SensorThings: 変える", "SensorThings: change an entity")
_PUT = Text("SensorThings: 変える", "SensorThings: change an entity, as PATCH does")
_DELETE = Text("SensorThings: 取り消す", "SensorThings: take an entity back")

ROUTES = (
    Route(
        path=_ROOT,
        name="sta",
        text=Text("SensorThings APIの入口", "SensorThings API 1.1: sets and conformance"),
        answer=answers.service_document,
        parameters=_VIEW,
        offers=ONLY_JSON,
        gives={JSON: "object"},
        tags=("sensorthings",),
    ),
    Route(
        path=f"{_ROOT}/$batch",
        name="sta-batch",
        method="POST",
        text=Text("SensorThings: まとめて", "SensorThings: several requests in one"),
        answer=batching.batch,
        parameters=(parameters.STATUS, parameters.LANG),
        offers=ONLY_JSON,
        gives={JSON: "object", "multipart/mixed": "text"},
        body="object",
        takes=(JSON, "multipart/mixed"),
        refusals=(400, 401, 403, 408, 413, 422),
        tags=("sensorthings",),
    ),
    Route(
        path=_ROOT_2,
        name="sta-2",
        text=Text("SensorThings API 2.0の入口", "SensorThings API 2.0: sets and conformance"),
        answer=answers.service_document,
        parameters=_VIEW,
        offers=ONLY_JSON,
        gives={JSON: "object"},
        tags=("sensorthings",),
    ),
    Route(
        path=f"{_ROOT_2}/$metadata",
        name="sta-2-metadata",
        text=Text("SensorThings 2.0: データモデル", "SensorThings 2.0: the model as OData CSDL"),
        answer=answers.metadata,
        parameters=_VIEW,
        offers=ONLY_JSON,
        gives={JSON: "object"},
        tags=("sensorthings",),
    ),
    *(_route(path, "GET", _GET, answers.get) for path in _paths(1, DEPTH, _ROOT_2)),
    *(_route(path, "GET", _GET, answers.get) for path in _paths(1, DEPTH)),
    *(_route(path, "POST", _POST, writing.post) for path in _paths(1, 2)),
    *(_route(path, "PATCH", _PATCH, writing.patch) for path in _paths(1, 3)),
    *(_route(path, "PUT", _PUT, writing.put) for path in _paths(1, 3)),
    *(_route(path, "DELETE", _DELETE, writing.delete) for path in _paths(1, 3)),
)
