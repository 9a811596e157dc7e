"""What every field keeps of a package that others sent: as the sender wrote it, beside ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Field


class Sent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A feature as its sender wrote it: own names, own values, own place in the package."""

    package: str
    """Key in ``response.packages``."""
    layer: int = 0
    number: int = 0
    """Its place in the layer, from 0."""
    feature_id: Any = None
    """GeoJSON's own id."""
    properties: dict[str, Any] = {}


class SentLayer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One layer of a package: its documents as sent, and where its features are."""

    file: str
    title: str = ""
    collection: str
    features: int = 0
    columns: dict[str, Any] | None = None
    style: dict[str, Any] | None = None
    members: dict[str, Any] = {}
    """The FeatureCollection's other members."""
    icons: tuple[str, ...] = ()
    """Icon files; their bytes are in the kept package."""


class SentPackage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A package that came: who said what, for which disaster, and both verdicts."""

    title: str
    code: str
    """情報種別: ``01-001-01``."""
    version: str = ""
    category: str = ""
    author: str = ""
    disaster: str = ""
    openflg: str = ""
    testflg: str = ""
    information_date: datetime | None = None
    updated: datetime | None = None
    conforms: bool
    """The standard's rules hold."""
    plausible: bool
    """It can be true, as far as can be told."""
    features: int = 0
    findings: dict[str, int] = {}
    """Code -> how often."""
    metadata: dict[str, Any] = {}
    layers: tuple[SentLayer, ...] = ()


class Sender(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who sends, for which disaster: what a package must say and no record does."""

    author: str = "火の見"
    maintainer: str = "火の見"
    email: str = "nobody@example.invalid"
    disaster: str = "-"
    """災害名; ``-`` for none, as senders of standing information write it."""
    disaster_id: str = ""
    lgcode: tuple[str, ...] = ()
    """全国地方公共団体コード, 5 digits each."""
    license_id: str = "other-closed"
    license_note: str = ""
    credit: tuple[str, ...] = ()


PACKAGES = Collection(
    id="response.packages",
    title=Text("受信パッケージ", "Packages received"),
    text=Text(
        "受け取ったSIP4D-ZIPそれぞれの発表者、災害名、公開区分、2つの判定、送信者の属性定義と凡例。",
        "Each SIP4D-ZIP package received: its author, disaster and disclosure, both verdicts, and"
        " the sender's own columns and style.",
    ),
    schema=SentPackage,
    licence="各パッケージのlicense_id (each package's license_id)",
)

SENT_FIELDS: tuple[Field, ...] = (
    Field(name="legend", label=Text("区分", "Class")),
    Field(
        name="attributes",
        label=Text("属性", "Attributes"),
        kind="list",
        fields=(
            Field(name="label", label=Text("", "")),
            Field(name="value", label=Text("", "")),
        ),
    ),
)
"""What a map tells of a feature of a layer that came as its sender drew it."""
