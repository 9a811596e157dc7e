"""Records as GeoJSON (20-004r1, clause 7.2 and requirements class JSON)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hinomi.standards.records_api.record import Both, Language, Link, Record
from hinomi.vocabulary.grids import box

_CONF = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/"
CONFORMS_TO = tuple(
    f"{_CONF}{name}"
    for name in (
        "record-core", "record-collection", "record-core-query-parameters", "record-api",
        "searchable-catalog", "json", "html",
    )
)  # fmt: skip


def encode_record(record: Record, language: Language) -> dict[str, Any]:
    """Return the record as a GeoJSON Feature, in one language with both titles beside it."""
    properties: dict[str, Any] = {
        "type": record.type,
        "title": said(record.title, language),
        "description": said(record.description, language),
        "titles": {"ja": record.title[0], "en": record.title[1]},
        "language": {"code": language, "dir": "ltr"},
        "languages": [{"code": "ja"}, {"code": "en"}],
        "keywords": list(record.keywords),
        "created": _time(record.created),
        "updated": _time(record.updated),
        "license": record.licence,
        "formats": [{"name": n, "mediaType": media} for n, media in record.formats],
        "contacts": [_contact(c.organization, c.roles, c.email) for c in record.contacts],
        "themes": [
            {
                "scheme": theme.scheme,
                "concepts": [{"id": i, "title": said(t, language)} for i, t in theme.concepts],
            }
            for theme in record.themes
        ],
        "externalIds": [{"scheme": s, "value": v} for s, v in record.external_ids],
        **record.more,
    }
    return {
        "type": "Feature",
        "id": record.id,
        "conformsTo": [CONFORMS_TO[0]],
        "time": {"interval": [_time(record.start) or "..", _time(record.end) or ".."]}
        if record.timed
        else None,
        "geometry": None if record.bbox is None else box(*record.bbox),
        "properties": {
            name: value for name, value in properties.items() if value not in ("", [], None)
        },
        "links": [_link(link, language) for link in record.links],
    }


def said(text: Both, language: Language) -> str:
    """Return the text in the language, or in the other where it has none."""
    ja, en = text
    return (ja or en) if language == "ja" else (en or ja)


def _contact(organization: str, roles: tuple[str, ...], email: str) -> dict[str, Any]:
    found: dict[str, Any] = {"organization": organization, "roles": list(roles)}
    return {**found, "emails": [{"value": email}]} if email else found


def _link(link: Link, language: Language) -> dict[str, str]:
    found = {"href": link.href, "rel": link.rel}
    if link.type:
        found["type"] = link.type.split(";")[0]
    title = said(link.title, language)
    return {**found, "title": title} if title else found


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
