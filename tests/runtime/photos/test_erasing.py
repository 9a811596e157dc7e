"""Erasing in the stores that a town is kept in: the file itself is gone."""

from __future__ import annotations

from pathlib import Path

from hinomi.runtime import storing


def test_an_erased_blob_is_gone_from_the_disk_and_the_store_is_whole(tmp_path: Path) -> None:
    store = storing.open_store(f"sqlite:{tmp_path}")
    kept, gone = store.put_blob(b"kept"), store.put_blob(b"gone")
    forget = store.forget_blob  # type: ignore[attr-defined]
    forget(gone)
    forget(gone)
    forget("../../etc/passwd")
    assert store.blob(gone) is None
    assert store.blob(kept) == b"kept"
    assert list(store.blobs()) == [kept]
    assert [p for p in tmp_path.rglob("*") if p.is_file() and p.read_bytes() == b"gone"] == []
    assert store.check() == []
    store.close()
