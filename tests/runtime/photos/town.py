"""Pictures made on the spot, and a headquarters' door, writer and job over one store."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image

from hinomi.kernel.errors import Text
from hinomi.kernel.marking import Disclosure, Principal, Status
from hinomi.kernel.reader import statuses
from hinomi.kernel.records import Stored
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.photos.door import Door, Upload
from hinomi.runtime.photos.job import Photos
from hinomi.runtime.photos.messages import Failed, Made, Task
from hinomi.runtime.photos.process import make
from hinomi.runtime.photos.settings import PhotoSettings
from hinomi.runtime.service import Service
from hinomi.runtime.socket import Perform
from hinomi.runtime.writer import Writer
from hinomi.standards import exif
from hinomi.stores.memory import MemoryStore

NOON = datetime(2026, 5, 28, 3, tzinfo=UTC)
TOWN = "town"
INTAKE = "response.photo_intake"
PHOTOS = "response.photos"
OFFICER = Principal("佐藤", (TOWN,), Disclosure.AMBER, (), ("officer",))
COMMANDER = Principal("町長", (TOWN,), Disclosure.AMBER, (), ("commander",))
HERE = exif.Exif(taken_at=NOON, zone_stated=True, longitude=136.9, latitude=37.39, camera="Secret")


def jpeg(seed: int = 1, size: tuple[int, int] = (320, 240), told: exif.Exif | None = HERE) -> bytes:
    """Return a photo of noise: each seed another one."""
    chance = np.random.default_rng(seed)
    coarse = chance.integers(0, 256, (size[1] // 20, size[0] // 20, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize(size)
    out = io.BytesIO()
    more = {"exif": b"Exif\x00\x00" + exif.encode(told)} if told else {}
    picture.save(out, "JPEG", **more)
    return out.getvalue()


def by_hand(task: Task) -> Made | Failed:
    """Cover without a process and without networks: the whole middle, unless boxes are given."""
    try:
        given = ((0.25, 0.25, 0.75, 0.75),) if task.boxes is None else task.boxes
        made = make(msgspec.structs.replace(task, boxes=given))
    except (OSError, ValueError):
        return Failed(Text("読めません", "cannot be read"))
    if task.boxes is None:
        found = ((0.25, 0.25, 0.75, 0.75, "face", 0.9),)
        return msgspec.structs.replace(made, found=found, detectors=("face: test",))
    return made


class Town:
    """One headquarters; its clock stands until it is moved."""

    def __init__(self, folder: Path, settings: PhotoSettings | None = None) -> None:
        self.at = NOON + timedelta(minutes=5)
        self.store = MemoryStore()
        self.writer = Writer(self.store, now=lambda: self.at)
        self.service = Service(self.store, default_catalog(), now=lambda: self.at)
        settings = settings or PhotoSettings()
        self.door = Door(folder, service=self.service, organisation=TOWN, settings=settings)
        self.job = Photos(self.writer, settings, cursor=folder / "position", cover=by_hand)

    def send(self, data: bytes, *, status: str = "actual", address: str = "192.0.2.1") -> str:
        """Send a photo as a resident; return its key."""
        upload = Upload(data=data, text="橋の手前で冠水", status=Status(status))
        self.door.take(upload, Principal("anonymous"), address)
        found = self.store.changes(0, visible=self.store.markings(), collections=(INTAKE,)).items
        return found[-1].key

    def item(self, key: str, *, status: str = "actual") -> Stored:
        """Return a photo received as the headquarters sees it."""
        reader = self.service.reader(OFFICER, status=statuses(status))
        return reader.get(INTAKE, key)

    def act(self, name: str, key: str, *, who: Principal = OFFICER, status: str = "actual",
            expected: str = "", **values: object) -> None:  # fmt: skip
        """Act on a photo as it stands."""
        self.at += timedelta(seconds=1)
        expected = expected or self.item(key, status=status).id
        wish = Perform(
            act=f"response.{name}", id=f"wish-{self.store.position()}", principal=who,
            status=Status(status), key=key, expected=expected, values=values,
        )  # fmt: skip
        self.service.perform(wish)

    def confirmed(self, seed: int = 1, *, status: str = "actual") -> str:
        """Send, cover and publish a photo; return its key."""
        key = self.send(jpeg(seed), status=status)
        self.job.work()
        self.act("confirm-photo", key, status=status, title="冠水", looked=True)
        return key
