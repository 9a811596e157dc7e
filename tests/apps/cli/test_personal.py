"""``hinomi personal``: the list of erasures, and what a restored back-up makes of it."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from hinomi.domains.response.collections.roster import ROSTER
from hinomi.runtime import clock
from hinomi.stores.sqlite import SqliteStore
from tests.apps.cli.conftest import Hinomi
from tests.runtime.test_erasing import duty


def test_what_was_erased_is_erased_again_after_a_restoring(
    hinomi: Hinomi, data: Path, tmp_path: Path
) -> None:
    at = clock.now() - timedelta(days=3)
    with closing(SqliteStore(data)) as store:
        store.put([duty("d1", "NOTOHANAKO", at), duty("d2", "SUZUTARO", at)], at=at)
    file, listed = tmp_path / "b.tar", tmp_path / "elsewhere" / "erased.jsonl"
    listed.parent.mkdir()
    assert hinomi("backup", file).code == 0
    (tmp_path / "hinomi-erased.jsonl").unlink()
    assert hinomi("personal", "erase", ROSTER.id, "d1", "--reason", "本人の請求").code == 0
    assert hinomi("personal", "erased", listed).out == f"{listed}: 1 orders of erasure.\n"

    plain = hinomi("restore", file, "--data", tmp_path / "plain")
    assert "No list of erasures lies beside the back-up" in plain.out
    assert holds(tmp_path / "plain") == {"NOTOHANAKO", "SUZUTARO"}
    for _ in range(2):
        assert hinomi("personal", "reapply", listed, "--data", tmp_path / "plain").code == 0
        assert holds(tmp_path / "plain") == {"SUZUTARO"}

    told = hinomi("restore", file, "--data", tmp_path / "told", "--erased", data, "--json").json()
    assert (told["erased"]["orders"], told["erased"]["statements"]) == (1, 1)
    assert holds(tmp_path / "told") == {"SUZUTARO"}
    assert hinomi("personal", "reapply", tmp_path / "none").code == 4


def holds(data: Path) -> set[str]:
    names = (b"NOTOHANAKO", b"SUZUTARO")
    held = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    return {name.decode() for name in names if name in held}
