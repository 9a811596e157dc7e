"""Blobs: there whole or not at all, and acknowledged only when the disk has them."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from hinomi.stores.blobs import Blobs

MANY = [f"blob {n}".encode() for n in range(300)]


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    folder = tmp_path / "blobs"
    folder.mkdir()
    return Blobs(folder)


def test_many_are_kept_like_one_by_one(blobs: Blobs) -> None:
    digests = blobs.put_many([*MANY, MANY[0]])
    assert digests == [sha256(data).hexdigest() for data in [*MANY, MANY[0]]]
    assert [blobs.get(d) for d in digests] == [*MANY, MANY[0]]
    assert (blobs.put(MANY[7]), blobs.put_many([])) == (digests[7], [])
    assert sorted(blobs) == sorted(set(digests))
    assert blobs.check() == []


def test_bytes_are_on_the_disk_before_their_name_and_names_before_the_answer(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[tuple[str, Path]] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        events.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink()))

    def renamed(self: Path, target: Path) -> Path:
        events.append(("name", self))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    blobs.put_many(MANY)
    at = {event: position for position, event in enumerate(events)}
    names = [path for what, path in events if what == "name"]
    assert len(names) == len(MANY)
    for path in names:
        assert at["sync", path] < at["name", path] < at["sync", path.parent]
    assert ("sync", blobs.folder) in at


def test_a_full_disk_leaves_no_half_a_blob(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        blobs.put(b"before")
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            blobs.put(b"after")
    assert list(blobs) == [sha256(b"before").hexdigest()]
    assert [p for p in blobs.folder.rglob("*") if p.is_file()] == [
        blobs.folder / next(iter(blobs))[:2] / next(iter(blobs))[2:]
    ]
