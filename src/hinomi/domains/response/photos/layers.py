"""How photos look on the map: the published for everyone, the waiting for the headquarters."""

from __future__ import annotations

from hinomi.domains.response.photos.collections import INTAKE, PHOTOS
from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Class, Field, Layer

_FROM = {
    "exif": Text("写真の記録", "the photo"),
    "device": Text("端末", "the telephone"),
    "tap": Text("地図で指定", "tapped on the map"),
    "person": Text("本部が確認", "the headquarters"),
    "received": Text("受付時刻", "its arrival"),
}
_TIME = (
    Field(name="taken_at", label=Text("撮影", "Taken"), kind="time"),
    Field(name="taken_from", label=Text("時刻の根拠", "Time by"), words=_FROM),
    Field(name="place_from", label=Text("位置の根拠", "Place by"), words=_FROM),
)

PHOTOS_LAYER = Layer(
    id="photos",
    group="damage",
    collection=PHOTOS.id,
    title=Text("現地写真（7日間）", "Photos from the field (7 days)"),
    shape="circle",
    classes=(Class(label=Text("確認済みの写真", "Confirmed photo"), colour="#7048e8",
                   ink="#ffffff"),),
    name=Text("title", "title"),
    days=7,
    size_px=6,
    fields=(Field(name="text", label=Text("説明", "Text")), *_TIME),
    picture="photos/{key}/image",
)  # fmt: skip

WAITING_LAYER = Layer(
    id="photos-waiting",
    group="damage",
    collection=INTAKE.id,
    title=Text("確認待ちの写真（本部内）", "Photos waiting (headquarters)"),
    shape="diamond",
    classes=(Class(label=Text("未確認", "Not confirmed"), colour="#e8590c", ink="#ffffff"),),
    name=Text("text", "text"),
    filter="state IN ('received', 'waiting', 'redrawing')",
    days=7,
    size_px=5,
    fields=_TIME,
    picture="photos/intake/{key}/covered",
    shown=False,
)

LAYERS: tuple[Layer, ...] = (PHOTOS_LAYER, WAITING_LAYER)
