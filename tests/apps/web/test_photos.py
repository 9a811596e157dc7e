"""Photos through the API: sent, confirmed, shared; and nothing of them before or beside that."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pystac
import pytest

from hinomi.apps.web.app import create_app
from hinomi.apps.web.photos.form import fields
from hinomi.kernel.errors import DataError
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys
from hinomi.runtime.people import People
from hinomi.runtime.photos.door import Door
from hinomi.runtime.photos.job import Photos
from hinomi.runtime.photos.settings import PhotoSettings
from hinomi.runtime.service import Service
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore
from tests.runtime.photos.town import INTAKE, PHOTOS, TOWN, by_hand, jpeg

pytestmark = pytest.mark.anyio
CANARY = "カナリア公民館前"
SECRET = b"Secret"
"""The camera's name in the EXIF of every photo that is sent here."""


class Town:
    """The app, its keys, and its job run by hand."""

    def __init__(self, folder: Path) -> None:
        self.store = MemoryStore()
        keys = Keys(folder)
        self.officer = {"X-API-Key": keys.create(
            Principal("佐藤", (TOWN,), Disclosure.AMBER, (), ("officer",)))}  # fmt: skip
        self.partner = {"X-API-Key": keys.create(
            Principal("県", ("prefecture",), Disclosure.RED, ("*",), ("commander",)))}  # fmt: skip
        service = Service(self.store, default_catalog(), keyring=People(folder))
        door = Door(folder, service=service, organisation=TOWN,
                    settings=PhotoSettings(per_address=6))  # fmt: skip
        service.photos = lambda: door
        self.job = Photos(Writer(self.store), PhotoSettings(), cover=by_hand)
        transport = httpx.ASGITransport(app=create_app(service))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://town.test")

    async def send(self, data: bytes, *, status: str = "actual", **more: Any) -> httpx.Response:
        name = more.pop("name", "photo.jpg")
        return await self.client.post(
            "/photos", params={"status": status}, files={"photo": (name, data)},
            data={"text": CANARY, **more.pop("form", {})}, **more,
        )  # fmt: skip

    async def waiting(self, *, status: str = "actual") -> dict[str, Any]:
        found = await self.client.get(
            f"/collections/{INTAKE}/items", params={"status": status}, headers=self.officer
        )
        features: list[dict[str, Any]] = found.json()["features"]
        return features[-1]

    async def act(self, name: str, *, status: str = "actual", **values: Any) -> None:
        item = await self.waiting(status=status)
        body = {"key": item["id"], "expected": item["properties"]["record"], "values": values}
        done = await self.client.post(
            f"/acts/response.{name}", params={"status": status}, json=body, headers=self.officer
        )
        assert done.status_code == 200, done.text

    async def confirmed(self, *, status: str = "actual") -> dict[str, Any]:
        assert (await self.send(jpeg(), status=status)).status_code == 201
        self.job.work()
        await self.act("confirm-photo", status=status, title="冠水した県道", looked=True)
        shown = await self.client.get(f"/collections/{PHOTOS}/items", params={"status": status})
        (feature,) = shown.json()["features"]
        found: dict[str, Any] = feature
        return found


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    found = Town(tmp_path)
    async with found.client:
        yield found


def everywhere(item: str, digests: list[str], record: str) -> list[str]:
    """The addresses by which something of a photo could leave."""
    doors = [
        f"/collections/{c}{tail}"
        for c in (INTAKE, PHOTOS)
        for tail in ("", "/items", f"/items/{item}", f"/items/{item}/history",
                     f"/items/{item}/trace", "/items?f=csv", "/items?f=html",
                     "/items?f=sip4d-zip", "/export?f=geojson", "/export?f=csv",
                     "/tiles/WebMercatorQuad/0/0/0", "/items?beside=true&count=true")
    ]  # fmt: skip
    doors += ["/changes?after=0", f"/changes?after=0&collections={INTAKE}", "/catalogue",
              "/collections/catalogue/items?limit=1000", f"/collections/catalogue/items?q={CANARY}",
              "/stac/search", f"/stac/collections/{PHOTOS}/items", "/stac/collections",
              "/dcat", "/layers", f"/records/{record}", f"/records/{record}/trace",
              f"/photos/intake/{item}/original", f"/photos/{item}/image",
              f"/photos/{item}/original"]  # fmt: skip
    doors += [f"/photos/intake/{item}/{part}" for part in ("working", "covered", "thumbnail")]
    return doors + [f"/blobs/{digest}?record={record}" for digest in digests]


async def leaks(town: Town, doors: list[str], digests: list[str], **headers: str) -> list[str]:
    """The doors whose answers hold a photo's bytes, words or digests."""
    found = []
    for door in doors:
        for status in ("actual", "exercise", "any"):
            joint = "&" if "?" in door else "?"
            answer = await town.client.get(f"{door}{joint}status={status}", headers=headers)
            content = answer.content
            if content[:2] == b"PK":
                with zipfile.ZipFile(io.BytesIO(content)) as packed:
                    content = b"".join(packed.read(name) for name in packed.namelist())
            shown = content[:3] == b"\xff\xd8\xff" or CANARY.encode() in content
            asked = door.encode()
            shown |= any(d.encode() in content and d.encode() not in asked for d in digests)
            shown |= SECRET in content or json.dumps(CANARY)[1:-1].encode() in content
            if shown:
                found.append(f"{door} {status} {answer.status_code}")
    return found


@pytest.mark.parametrize("status", ["actual", "exercise"])
async def test_nothing_of_an_unconfirmed_photo_leaves_by_any_door(town: Town, status: str) -> None:
    await town.send(jpeg(), status=status)
    for _ in range(2):  # As it is received, and as it waits.
        item = await town.waiting(status=status)
        digests = [v for k, v in item["properties"].items()
                   if k in {"original", "working", "covered", "thumbnail"}]  # fmt: skip
        doors = everywhere(item["id"], digests, item["properties"]["record"])
        # Without an address that answers the test would prove nothing.
        mine = await leaks(town, doors, digests, **town.officer)
        assert len(mine) > 5
        assert await leaks(town, doors, digests) == []
        assert await leaks(town, doors, digests, **town.partner) == []
        town.job.work()


async def test_of_a_published_photo_only_the_covered_picture_leaves(town: Town) -> None:
    shown = await town.confirmed()
    item = await town.waiting()
    body = item["properties"]
    hidden = [body["original"], body["working"]]
    doors = everywhere(item["id"], hidden, body["record"]) + everywhere(
        shown["id"], hidden, shown["properties"]["record"]
    )
    pictures = {f"/photos/{shown['id']}/image"}
    doors = [door for door in doors if door not in pictures]
    assert await leaks(town, doors, hidden) == []
    image = await town.client.get(f"/photos/{shown['id']}/image")
    assert image.headers["content-type"] == "image/jpeg"
    assert image.content == town.store.blob(body["covered"])
    assert SECRET not in image.content
    assert "佐藤" not in (await town.client.get(f"/collections/{PHOTOS}/items")).text
    thumbnail = await town.client.get(f"/photos/{shown['id']}/thumbnail")
    assert thumbnail.content == town.store.blob(body["thumbnail"])


async def test_a_published_photo_is_a_stac_item_and_a_record_of_the_catalogue(town: Town) -> None:
    shown = await town.confirmed()
    answer = await town.client.get(f"/stac/collections/{PHOTOS}/items/{shown['id']}")
    item = pystac.Item.from_dict(answer.json())
    assert item.datetime is not None
    assert item.assets["data"].media_type == "image/jpeg"
    picture = await town.client.get(item.assets["data"].href)
    assert picture.content[:3] == b"\xff\xd8\xff"
    found = await town.client.get("/collections/catalogue/items", params={"q": "冠水した県道"})
    assert [f["properties"]["title"] for f in found.json()["features"]] == ["冠水した県道"]
    search = await town.client.get("/stac/search", params={"bbox": "136,37,137,38"})
    assert [f["id"] for f in search.json()["features"]] == [shown["id"]]


async def test_an_exercise_photo_is_in_no_actual_answer(town: Town) -> None:
    shown = await town.confirmed(status="exercise")
    for door in (f"/collections/{PHOTOS}/items", "/stac/search", "/changes?after=0",
                 f"/collections/{PHOTOS}/export?f=geojson",
                 "/collections/catalogue/items?limit=1000"):  # fmt: skip
        answer = await town.client.get(door)
        assert shown["id"] not in answer.text, door
        assert "冠水した県道" not in answer.text, door
    actual = await town.client.get(f"/photos/{shown['id']}/image")
    assert actual.status_code == 404
    exercise = await town.client.get(f"/photos/{shown['id']}/image?status=exercise")
    assert exercise.status_code == 200


async def test_a_withdrawn_photo_is_gone_from_every_door(town: Town) -> None:
    shown = await town.confirmed()
    digest, record = shown["properties"]["image"], shown["properties"]["record"]
    await town.act("withdraw-photo", why="private")
    town.job.work()
    for door in (f"/photos/{shown['id']}/image", f"/blobs/{digest}?record={record}",
                 f"/stac/collections/{PHOTOS}/items/{shown['id']}"):  # fmt: skip
        assert (await town.client.get(door)).status_code == 404, door


async def test_the_picture_that_is_asked_for_is_the_one_that_stands(town: Town) -> None:
    await town.send(jpeg())
    town.job.work()
    item = await town.waiting()
    before = item["properties"]["covered"]
    where = f"/photos/intake/{item['id']}/covered"
    seen = await town.client.get(where, params={"digest": before}, headers=town.officer)
    assert seen.status_code == 200
    assert "no-store" in seen.headers.get_list("cache-control", split_commas=True)
    await town.act("redraw-photo", boxes=[0.0, 0.0, 0.3, 0.3])
    town.job.work()
    stale = await town.client.get(where, params={"digest": before}, headers=town.officer)
    assert stale.status_code == 404


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b\\c.jpg", "x" * 300, 'q";x="y.exe'])
async def test_a_files_own_name_means_nothing(town: Town, name: str, tmp_path: Path) -> None:
    answer = await town.send(jpeg(), name=name)
    assert answer.status_code == 201
    assert sorted(p.name for p in tmp_path.rglob("*") if p.suffix in {".jpg", ".exe"}) == []
    assert name not in json.dumps(await town.waiting())


async def test_what_is_told_with_a_photo_is_read_and_bad_values_are_named(town: Town) -> None:
    told = {"longitude": "136.95", "latitude": "37.4", "device_longitude": "136.95",
            "device_latitude": "37.4", "device_accuracy_m": "15",
            "device_time": "2026-05-28T12:00:00+09:00"}  # fmt: skip
    assert (await town.send(jpeg(), form=told)).json()["receipt"]["place_from"] == "tap"
    for name, value in (("longitude", "abc"), ("latitude", "95"), ("device_time", "yesterday")):
        bad = await town.send(jpeg(2), form={**told, name: value})
        assert bad.status_code == 422
        assert bad.json()["problems"][0]["path"].startswith(name)
    half = await town.send(jpeg(2), form={"longitude": "136"})
    assert half.status_code == 422
    assert (await town.waiting())["properties"]["place_from"] == "tap"


async def test_what_is_no_photo_or_too_much_is_refused_with_words(town: Town) -> None:
    text = await town.send(b"<html>", headers={"Accept-Language": "ja"})
    assert text.status_code == 422
    assert "JPEG" in text.text
    assert (await town.send(b"")).status_code == 422
    raw = await town.client.post("/photos", content=jpeg(3))
    assert raw.status_code == 201
    again = await town.client.post("/photos", content=jpeg(3))
    assert (again.status_code, again.json()["receipt"]["known"]) == (200, True)
    assert (await town.send(jpeg(4))).status_code == 201
    many = [await town.send(jpeg(seed)) for seed in range(5, 8)]
    assert [a.status_code for a in many][-1] == 429
    assert many[-1].headers["retry-after"] == "600"
    reporter = await town.send(jpeg(9), headers=town.officer)
    assert reporter.status_code == 201
    by_reporters = await town.client.get(
        f"/collections/{INTAKE}/items", params={"filter": "sent_by = 'reporter'"},
        headers=town.officer,
    )  # fmt: skip
    assert [f["properties"]["sender"] for f in by_reporters.json()["features"]] == ["佐藤"]


@pytest.mark.parametrize("page", ["/photo", "/photos"])
async def test_the_pages_speak_both_languages_and_load_nothing_from_outside(
    town: Town, page: str
) -> None:
    for language, word in (("ja", "写真"), ("en", "Photo")):
        answer = await town.client.get(page, params={"lang": language, "status": "exercise"})
        assert answer.status_code == 200
        assert word.lower() in answer.text.lower()
        assert "訓練" in answer.text
        links = [part.split('"')[0] for part in answer.text.split(' src="')[1:]]
        assert all(link.startswith("http://town.test/static/") for link in links)
        for link in links:
            assert (await town.client.get(link)).status_code == 200


def _form(*parts: bytes, end: bytes = b"--X--\r\n") -> bytes:
    return b"".join(b"--X\r\n" + part + b"\r\n" for part in parts) + end


def test_a_form_is_read_whatever_its_bytes_hold() -> None:
    inner = b"\r\n--Y\r\n\x00\xff" * 50
    head = b'Content-Disposition: form-data; name="photo"; filename="../x"\r\n\r\n'
    text = 'Content-Disposition: form-data; name="text"\r\n\r\n冠水'.encode()
    kind = b"multipart/form-data; boundary=X"
    found = fields(kind, _form(text, head + inner), "photo")
    assert found == {"photo": inner, "text": "冠水".encode()}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"multipart/form-data", b"--X"),
        (b"multipart/form-data; boundary=X", b""),
        (b"multipart/form-data; boundary=X", b"--X\r\nno end"),
        (b"multipart/form-data; boundary=X", _form(b'x; name="a"\r\n\r\n' + bytes(9_000))),
        (b"multipart/form-data; boundary=X", _form(*[b'x; name="a"\r\n\r\n1'] * 30)),
    ],
)
def test_a_broken_form_is_refused(kind: bytes, body: bytes) -> None:
    with pytest.raises(DataError):
        fields(kind, body, "photo")
