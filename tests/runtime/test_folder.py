"""The data folder: one writer, named to the others; a short path for its socket."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hinomi.kernel.errors import InputError, UnavailableError
from hinomi.runtime import folder
from hinomi.runtime.folder import Holder, Lock


def test_a_second_writer_is_refused_by_name(tmp_path: Path) -> None:
    held = folder.lock(tmp_path, "ingest")
    with pytest.raises(UnavailableError, match=f"ingest, process {os.getpid()}"):
        folder.lock(tmp_path, "drill")
    held.close()
    folder.lock(tmp_path, "drill").close()


def test_the_lock_of_a_killed_writer_is_free(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from hinomi.runtime import folder;"
        "held = folder.lock(Path(sys.argv[1]), 'run'); print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    found = folder.holder(tmp_path)
    assert found is not None
    assert (found.pid, found.role) == (child.pid, "run")
    child.kill()
    child.wait()
    child.stdout.close()
    assert folder.holder(tmp_path) is None


def test_the_holder_tells_where_it_listens(tmp_path: Path) -> None:
    held = folder.lock(tmp_path, "run")
    held.describe(Holder(1, "run", "/x.sock", "http://127.0.0.1:1"))
    found = folder.try_lock(tmp_path, "ingest")
    assert found == Holder(1, "run", "/x.sock", "http://127.0.0.1:1")
    held.close()
    again = folder.try_lock(tmp_path, "ingest")
    assert isinstance(again, Lock)
    again.close()


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(InputError):
        folder.lock(tmp_path / "x", "run")


def test_a_long_path_gets_a_short_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    deep = tmp_path / ("x" * 150)
    deep.mkdir()
    found = folder.socket_path(deep)
    assert len(os.fsencode(found)) <= 107
    assert found == folder.socket_path(deep)
    assert folder.socket_path(Path("/d")) == Path("/d/hinomi.sock")
