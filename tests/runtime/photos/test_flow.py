"""A photo's way: received, covered, decided by a person, published, withdrawn, erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from hinomi.domains.response.photos.collections import Intake
from hinomi.kernel.errors import (
    ConflictError,
    DataError,
    DeniedError,
    InputError,
    MissingError,
)
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Principal, Status
from hinomi.kernel.reader import statuses
from hinomi.kernel.records import Record, Stored
from hinomi.runtime.federation.agreement import Agreement
from hinomi.runtime.photos.door import Door, Upload, bucket
from hinomi.runtime.photos.settings import PhotoSettings
from hinomi.standards import exif
from tests.runtime.photos.town import (
    COMMANDER,
    HERE,
    INTAKE,
    NOON,
    OFFICER,
    PHOTOS,
    TOWN,
    Town,
    jpeg,
)

PARTNER = Principal("県", ("prefecture",), Disclosure.AMBER)


def blobs(item: Stored, *names: str) -> dict[str, str]:
    body = item.body()
    return {name: str(body.get(name, "")) for name in names}


def there(town: Town, item: Stored) -> set[str]:
    found = blobs(item, "original", "working", "covered", "thumbnail")
    return {name for name, digest in found.items() if digest and town.store.blob(digest)}


def test_a_photo_is_received_covered_and_published_by_a_person(town: Town) -> None:
    key = town.send(jpeg())
    assert town.item(key).body()["state"] == "received"
    assert town.job.work() == 1
    waiting = town.item(key).body()
    assert (waiting["state"], waiting["looked"], len(waiting["boxes"])) == ("waiting", True, 1)
    town.act("confirm-photo", key, title="県道の冠水", looked=True)
    (shown,) = town.service.reader(ANONYMOUS).find(PHOTOS).items
    assert shown.body()["title"] == "県道の冠水"
    assert shown.place() == {"type": "Point", "coordinates": [136.9, 37.39]}
    assert shown.when.start == NOON
    decided = town.item(key).body()
    assert (decided["state"], decided["decided_by"]) == ("confirmed", "佐藤")
    ((origin, _),) = town.service.reader(ANONYMOUS).trace(shown.id).origins
    assert origin.digest == shown.body()["image"]
    assert origin.entered_by == "佐藤"
    made = town.service.reader(OFFICER).trace(origin.inputs[0]).made
    assert shown.id in made


def test_what_is_published_has_no_metadata_and_only_covered_pixels(town: Town) -> None:
    key = town.confirmed()
    body = town.item(key).body()
    for name in ("covered", "thumbnail", "working"):
        data = town.store.blob(body[name])
        assert data is not None
        assert exif.look(data).exif is None
        assert b"Secret" not in data
    assert body["covered"] not in {body["original"], body["working"]}
    published = town.service.reader(ANONYMOUS).find(PHOTOS).items[0].body()
    assert not {"camera", "sender", "original", "working", "claims"} & set(published)


def test_boxes_by_hand_are_what_is_covered_then(town: Town) -> None:
    key = town.send(jpeg())
    town.job.work()
    before = town.item(key).body()
    town.act("redraw-photo", key, boxes=[0.25, 0.25, 0.75, 0.75, 0.0, 0.0, 0.2, 0.1])
    town.job.work()
    after = town.item(key).body()
    assert [box.get("kind", "hand") for box in after["boxes"]] == ["face", "hand"]
    assert after["covered"] != before["covered"]
    assert town.store.blob(before["covered"]) is None
    town.act("redraw-photo", key, boxes=[])
    town.job.work()
    assert town.item(key).body().get("boxes", []) == []


@pytest.mark.parametrize(
    "boxes", [[0.1, 0.1, 0.2], [0.5, 0.1, 0.4, 0.2], [-0.1, 0, 0.5, 0.5], [0, 0, 1.5, 1]]
)
def test_boxes_outside_the_picture_are_refused(town: Town, boxes: list[float]) -> None:
    key = town.send(jpeg())
    town.job.work()
    with pytest.raises(DataError):
        town.act("redraw-photo", key, boxes=boxes)


def test_only_what_the_person_saw_is_published(town: Town) -> None:
    key = town.send(jpeg())
    with pytest.raises(InputError):
        town.act("confirm-photo", key, title="x", looked=True)  # Still being covered.
    town.job.work()
    seen = town.item(key).id
    town.act("redraw-photo", key, boxes=[])
    town.job.work()
    with pytest.raises(ConflictError):
        town.act("confirm-photo", key, title="x", looked=True, expected=seen)
    with pytest.raises(InputError):
        town.act("confirm-photo", key, title="x", looked=False)
    assert town.service.reader(ANONYMOUS).find(PHOTOS).items == []


def test_a_person_can_set_place_and_time(town: Town) -> None:
    key = town.send(jpeg(told=None))
    town.job.work()
    place = {"type": "Point", "coordinates": [136.95, 37.41]}
    town.act("confirm-photo", key, title="x", looked=True, place=place,
             taken_at="2026-05-28T11:50")  # fmt: skip
    (shown,) = town.service.reader(ANONYMOUS).find(PHOTOS).items
    assert shown.place() == place
    assert shown.when.start == NOON - timedelta(minutes=10)
    assert (shown.body()["place_from"], shown.body()["taken_from"]) == ("person", "person")


def test_a_rejected_photo_is_never_shown_and_says_who_and_why(town: Town) -> None:
    key = town.send(jpeg())
    town.job.work()
    with pytest.raises(DataError):
        town.act("reject-photo", key)
    town.act("reject-photo", key, why="private", reason="子どもの顔")
    body = town.item(key).body()
    assert (body["state"], body["reason"]) == ("rejected", "個人が特定される 子どもの顔")
    assert town.service.reader(ANONYMOUS).find(PHOTOS).items == []


def test_a_withdrawn_photo_is_gone_with_its_bytes_in_every_version(town: Town) -> None:
    key = town.confirmed()
    reader = town.service.reader(ANONYMOUS)
    (shown,) = reader.find(PHOTOS).items
    digest = shown.body()["image"]
    assert reader.blob(shown, digest)
    town.act("withdraw-photo", key, why="private")
    town.job.work()
    assert reader.find(PHOTOS).items == []
    with pytest.raises(MissingError):
        reader.blob(reader.record(shown.id), digest)
    assert there(town, town.item(key)) == {"original", "working"}


def test_originals_are_erased_when_their_time_is_over_and_the_published_stays(town: Town) -> None:
    key = town.confirmed()
    town.job.sweep()
    assert town.item(key).body().get("originals", "kept") == "kept"
    town.at += timedelta(days=31)
    assert town.job.sweep() == 1
    item = town.item(key)
    assert item.body()["originals"] == "erased"
    assert there(town, item) == {"covered", "thumbnail"}
    assert len(town.service.reader(ANONYMOUS).find(PHOTOS).items) == 1


def test_a_commander_has_an_original_erased_at_once_and_an_officer_may_not(town: Town) -> None:
    key = town.confirmed()
    with pytest.raises(DeniedError):
        town.act("erase-photo-original", key, reason="本人の申し出")
    town.act("erase-photo-original", key, who=COMMANDER, reason="本人の申し出")
    town.job.work()
    assert there(town, town.item(key)) == {"covered", "thumbnail"}


def test_what_nobody_decides_is_rejected_in_the_end_and_erased(town: Town) -> None:
    key = town.send(jpeg())
    town.job.work()
    town.at += timedelta(days=91)
    town.job.sweep()
    assert town.item(key).body()["state"] == "rejected"
    town.at += timedelta(days=31)
    town.job.sweep()
    assert there(town, town.item(key)) == set()


def test_a_photo_whose_record_is_withdrawn_leaves_no_bytes(town: Town) -> None:
    key = town.send(jpeg())
    town.job.work()
    item = town.item(key)
    body = msgspec.convert(item.body(), Intake)
    gone = Record(
        collection=INTAKE, key=key, said_at=town.at, body=body, source=item.source,
        marking=item.marking, retracts=True, when=item.when,
    )  # fmt: skip
    town.writer.put([gone])
    assert town.job.work() == 1
    assert there(town, item) == set()


def test_a_broken_photo_stops_nothing(town: Town) -> None:
    broken = town.send(jpeg(1)[:3_000])
    good = town.send(jpeg(2))
    town.job.work()
    assert town.item(broken).body()["state"] == "unreadable"
    assert town.item(broken).body()["trouble"]
    assert town.item(good).body()["state"] == "waiting"


def test_what_a_person_says_meanwhile_goes_before_what_the_machine_made(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = town.send(jpeg())
    town.job.work()
    town.act("redraw-photo", key, boxes=[])
    item = town.item(key)
    body = item.body()
    assert body["state"] == "redrawing"
    monkeypatch.setattr(town.job, "_every", lambda *_: iter([_older(town, key)]))
    assert town.job.work() == 0


def _older(town: Town, key: str) -> Stored:
    first = town.service.reader(OFFICER).history(INTAKE, key).items[0]
    assert first.body()["state"] == "received"
    return first


def test_the_same_photo_sent_twice_is_one_and_its_decision_stands(town: Town) -> None:
    key = town.confirmed()
    upload = Upload(data=jpeg())
    assert town.door.take(upload, ANONYMOUS, "192.0.2.9").known
    assert town.item(key).body()["state"] == "confirmed"


def test_residents_send_so_many_in_ten_minutes_and_reporters_more(
    open_town: Callable[..., Town],
) -> None:
    town = open_town(PhotoSettings(per_address=2, in_all=3, per_reporter=4))
    town.send(jpeg(1))
    town.send(jpeg(2))
    with pytest.raises(DeniedError) as caught:
        town.send(jpeg(3))
    assert caught.value.rule == "too-many-photos"
    town.send(jpeg(4), address="192.0.2.2")
    with pytest.raises(DeniedError):
        town.send(jpeg(5), address="192.0.2.3")
    for seed in range(6, 10):
        town.door.take(Upload(data=jpeg(seed)), OFFICER, "192.0.2.1")
    with pytest.raises(DeniedError):
        town.door.take(Upload(data=jpeg(10)), OFFICER, "192.0.2.1")
    town.at += timedelta(minutes=11)
    town.send(jpeg(3))


def test_a_sender_is_an_address_or_a_household_of_ipv6() -> None:
    assert bucket("192.0.2.7") == bucket("::ffff:192.0.2.7") == "192.0.2.7"
    assert bucket("2001:db8:1:2:aaaa::1") == bucket("2001:db8:1:2:bbbb::9")
    assert bucket("2001:db8:1:3::1") != bucket("2001:db8:1:2::1")


def test_a_door_that_is_closed_to_residents_takes_reporters(
    open_town: Callable[..., Town],
) -> None:
    town = open_town(PhotoSettings(residents=False))
    with pytest.raises(DeniedError):
        town.send(jpeg())
    town.door.take(Upload(data=jpeg()), OFFICER, "")


@pytest.mark.parametrize("size", [(70_000, 1_000), (9_000, 9_000)])
def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header(
    town: Town, size: tuple[int, int]
) -> None:
    width, height = size
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    bomb = head + width.to_bytes(4) + height.to_bytes(4) + bytes(20)
    with pytest.raises(DataError) as caught:
        town.send(bomb)
    assert caught.value.problems[0].code == "photo.too-large"
    assert list(town.store.blobs()) == []


def test_a_guest_of_a_drill_sends_exercise_photos_only(town: Town) -> None:
    guest = Principal("客（訓練）", ("exercise",), Disclosure.AMBER, only=Status.EXERCISE)
    with pytest.raises(DeniedError):
        town.door.take(Upload(data=jpeg()), guest, "")
    town.door.take(Upload(data=jpeg(), status=Status.EXERCISE), guest, "")


def test_exercise_photos_stay_exercise(town: Town) -> None:
    key = town.confirmed(status="exercise")
    assert town.service.reader(ANONYMOUS).find(PHOTOS).items == []
    drill = town.service.reader(ANONYMOUS, status=statuses("exercise"))
    assert len(drill.find(PHOTOS).items) == 1
    # The same picture sent for real is another photo, and erasing one keeps the other.
    real = town.send(jpeg())
    town.job.work()
    town.act("erase-photo-original", key, who=COMMANDER, status="exercise", reason="終了")
    town.job.work()
    assert there(town, town.item(real)) == {"original", "working", "covered", "thumbnail"}


def test_nobody_outside_the_headquarters_sees_what_was_received(town: Town) -> None:
    key = town.send(jpeg())
    town.job.work()
    for principal in (ANONYMOUS, PARTNER, Principal("近所", (), Disclosure.RED)):
        reader = town.service.reader(principal, status=statuses("any"))
        assert reader.find(INTAKE).items == []
        assert reader.history(INTAKE, key).items == []
        assert reader.changes(0, collections=[INTAKE, PHOTOS]).items == []
        for digest in town.store.blobs():
            with pytest.raises(MissingError):
                reader.blob(town.item(key), digest)
    widest = Agreement(collections=("*",), disclosure="RED", audience=(TOWN,))
    assert not widest.shows(INTAKE)
    assert widest.shows(PHOTOS)


def test_place_and_time_are_weighed_at_the_door(open_town: Callable[..., Town]) -> None:
    town = open_town()

    class Ground:
        def place(self, *_: Any) -> dict[str, Any]:
            ring = [[139.0, 35.0], [139.5, 35.0], [139.5, 35.5], [139.0, 35.5], [139.0, 35.0]]
            return {"type": "Polygon", "coordinates": [ring]}

        def knows(self, *_: Any) -> bool:
            return True

    door = Door(town.door._path.parent, service=town.service, organisation=TOWN,
                gazetteer=Ground(), areas=("1420500", "14"))  # fmt: skip
    receipt = door.take(Upload(data=jpeg(told=HERE)), ANONYMOUS, "")
    assert [note.code for note in receipt.notes] == ["photo.far-away"]
    assert (receipt.place_from, receipt.taken_from) == ("exif", "exif")
