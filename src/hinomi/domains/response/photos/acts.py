"""What a person does with a photo: cover by hand, confirm, reject, withdraw, erase the original.

The machine only proposes. What is published is the covered picture of the statement that the
person saw (``expected``), under their name; the pixels are made by the runtime, never sent in.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.domains.response.photos.collections import INTAKE, PHOTOS, Box, Intake, Photo
from hinomi.kernel.errors import ConflictError, DataError, InputError, Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Origin, Record, Stored, instant
from hinomi.vocabulary.acts import COMMANDER, Act, Choice, Deed, Input

SAME = 1e-4
"""Boxes whose edges differ by less [share of the picture] are one."""
REASONS: dict[str, Text] = {
    "unrelated": Text("災害と関係がない", "not about the disaster"),
    "doubtful": Text("真偽が疑わしい", "doubtful"),
    "private": Text("個人が特定される", "shows who somebody is"),
    "duplicate": Text("重複", "a duplicate"),
    "unfit": Text("不適切", "unfit to show"),
    "other": Text("その他", "other"),
}


def redraw(reader: Reader, deed: Deed) -> Parsed:
    """Return the photo with other boxes; the runtime covers them and puts it back in the queue."""
    before, was = _item(reader, deed)
    if not was.working or was.originals != "kept":
        raise InputError("The original is gone; it cannot be drawn anew.",
                         "原本が消去されているため描き直せません。")  # fmt: skip
    body = msgspec.structs.replace(was, state="redrawing", boxes=_boxes(deed, was.boxes))
    return Parsed(records=[_restated(deed, before, body)])


def confirm(reader: Reader, deed: Deed) -> Parsed:
    """Return the published photo and the decision."""
    before, was = _item(reader, deed)
    if deed.values.get("looked") is not True:
        raise InputError("Look at the covered picture first, and say so.",
                         "塗りつぶし後の写真を確認し、チェックを入れてください。")  # fmt: skip
    if not was.covered or was.covered in {was.original, was.working}:
        raise ConflictError("It is not covered yet.", "まだ塗りつぶしの処理が済んでいません。")
    place = deed.values["place"] if "place" in deed.values else before.place()
    taken: datetime | None = deed.values.get("taken_at") or was.taken_at
    photo = Photo(
        title=deed.text("title"),
        text=deed.text("text"),
        taken_at=taken,
        taken_from="person" if deed.values.get("taken_at") else was.taken_from,
        place_from="person" if "place" in deed.values else was.place_from,
        direction_deg=was.direction_deg,
        width=was.width,
        height=was.height,
        image=was.covered,
        thumbnail=was.thumbnail,
    )
    published = deed.record(
        PHOTOS.id, deed.id, photo, public=True, place=_point(place),
        when=instant(taken or was.received_at),
    )  # fmt: skip
    origin = Origin(
        digest=was.covered, path="photo.jpg", entered_by=deed.person.name, inputs=(before.id,)
    )
    published = msgspec.structs.replace(published, origin=origin)
    return Parsed(records=[published, _decided(deed, before, was, "confirmed", deed.id)])


def reject(reader: Reader, deed: Deed) -> Parsed:
    """Return the decision not to publish."""
    before, was = _item(reader, deed)
    return Parsed(records=[_decided(deed, before, was, "rejected")])


def withdraw(reader: Reader, deed: Deed) -> Parsed:
    """Return the published photo's retraction and the decision; its bytes are erased after."""
    before, was = _item(reader, deed)
    shown = reader.get(PHOTOS.id, was.published)
    body = msgspec.convert(shown.body(), Photo)
    gone = deed.record(
        PHOTOS.id, shown.key, body, before=shown, place=shown.place(), when=shown.when,
        retracts=True,
    )  # fmt: skip
    decided = _decided(deed, before, was, "withdrawn", was.published)
    return Parsed(records=[gone, decided])


def erase(reader: Reader, deed: Deed) -> Parsed:
    """Return the order to erase the original and its working copy now."""
    before, was = _item(reader, deed)
    body = msgspec.structs.replace(was, originals="erasing", reason=deed.text("reason"))
    return Parsed(records=[_restated(deed, before, body)])


def _item(reader: Reader, deed: Deed) -> tuple[Stored, Intake]:
    before = reader.get(INTAKE.id, deed.key)
    return before, msgspec.convert(before.body(), Intake)


def _restated(deed: Deed, before: Stored, body: Intake) -> Record:
    return deed.record(
        INTAKE.id, before.key, body, before=before, place=before.place(), when=before.when,
        inputs=(before.id,),
    )  # fmt: skip


def _decided(deed: Deed, before: Stored, was: Intake, state: str, published: str = "") -> Record:
    why = REASONS[deed.text("why")].ja if deed.text("why") else ""
    body = msgspec.structs.replace(
        was, state=state, decided_by=deed.person.name, decided_at=deed.at, published=published,
        reason=" ".join(filter(None, (why, deed.text("reason")))),
    )  # fmt: skip
    return _restated(deed, before, body)


def _point(place: Geometry | None) -> Geometry | None:
    if place is not None and place["type"] != "Point":
        raise InputError("A photo's place is a point.", "写真の位置は点で指定してください。")
    return place


def _boxes(deed: Deed, known: tuple[Box, ...]) -> tuple[Box, ...]:
    """Return the boxes that four numbers each stand for; what the machine found keeps its name.

    Raises:
        DataError: not four each, outside the picture, or empty.
    """
    numbers: list[float] = deed.values.get("boxes") or []
    rows = [tuple(numbers[at : at + 4]) for at in range(0, len(numbers), 4)]
    found = []
    for number, row in enumerate(rows):
        if len(row) != 4 or not (0 <= row[0] < row[2] <= 1 and 0 <= row[1] < row[3] <= 1):
            text = Text("写真の中の四角形ではありません", "is no box within the picture")
            raise DataError(
                [Problem("photo.box", f"values/boxes/{number}", text, found=str(row),
                         expected="left < right, top < bottom, 0–1")]
            )  # fmt: skip
        found.append(next((box for box in known if _same(box, row)), Box(*row)))
    return tuple(found)


def _same(box: Box, row: tuple[float, ...]) -> bool:
    edges = (box.left, box.top, box.right, box.bottom)
    return all(abs(a - b) < SAME for a, b in zip(edges, row, strict=True))


_WHY = Input(
    name="why", label=Text("理由", "Why"), kind="choice", required=True,
    choices=tuple(Choice(value, label) for value, label in REASONS.items()),
)  # fmt: skip
_REASON = Input(name="reason", label=Text("補足", "More"), kind="longtext")
ACTS: tuple[Act, ...] = (
    Act(
        id="response.redraw-photo",
        title=Text("塗りつぶしを直す", "Cover anew"),
        text=Text("塗りつぶす範囲を足したり消したりします。", "Add and remove covered parts."),
        collection=INTAKE.id,
        perform=redraw,
        states={"state": ("waiting",)},
        inputs=(
            Input(
                name="boxes",
                label=Text("範囲", "Parts"),
                kind="number",
                many=True,
                hint=Text(
                    "左・上・右・下を写真の幅と高さに対する割合で、四つずつ",
                    "left, top, right, bottom as shares of the picture, four each",
                ),
            ),
        ),
    ),
    Act(
        id="response.confirm-photo",
        title=Text("公開する", "Publish"),
        text=Text(
            "塗りつぶした写真を公開します。公開後は誰でも見られます。",
            "Publish the covered picture: from then on everyone can see it.",
        ),
        collection=INTAKE.id,
        perform=confirm,
        states={"state": ("waiting",)},
        gives=(INTAKE.id, PHOTOS.id),
        grave=True,
        inputs=(
            Input(name="title", label=Text("題名", "Title"), required=True),
            Input(name="text", label=Text("説明", "Text"), kind="longtext"),
            Input(name="place", label=Text("位置を直す", "Set the place"), kind="place"),
            Input(name="taken_at", label=Text("撮影時刻を直す", "Set the time"), kind="time"),
            Input(
                name="looked",
                label=Text(
                    "顔・ナンバー・表札などが読めないことを自分の目で確かめた",
                    "I have looked: no face, plate or name can be read",
                ),
                kind="flag",
                required=True,
            ),
            _REASON,
        ),
    ),
    Act(
        id="response.reject-photo",
        title=Text("採用しない", "Reject"),
        text=Text("公開しません。原本は期限後に消去します。",
                  "Not published; the original is erased after its time."),
        collection=INTAKE.id,
        perform=reject,
        states={"state": ("waiting", "unreadable")},
        inputs=(_WHY, _REASON),
    ),
    Act(
        id="response.withdraw-photo",
        title=Text("公開を取り消す", "Withdraw"),
        text=Text(
            "公開した写真を取り下げ、写真のデータを消去します。",
            "Take the published photo back and erase its bytes.",
        ),
        collection=INTAKE.id,
        perform=withdraw,
        states={"state": ("confirmed",)},
        gives=(INTAKE.id, PHOTOS.id),
        grave=True,
        inputs=(_WHY, _REASON),
    ),
    Act(
        id="response.erase-photo-original",
        title=Text("原本を消去", "Erase the original"),
        text=Text(
            "原本と作業用の写しを今すぐ消去します。元に戻せません。",
            "Erase the original and the working copy now; there is no way back.",
        ),
        collection=INTAKE.id,
        perform=erase,
        states={
            "state": ("confirmed", "rejected", "withdrawn", "unreadable"),
            "originals": ("kept", None),
        },
        role=COMMANDER,
        grave=True,
        inputs=(
            Input(name="reason", label=Text("理由", "Why"), kind="longtext", required=True),
        ),
    ),
)  # fmt: skip
