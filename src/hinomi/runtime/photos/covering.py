"""Running the covering process: one picture at a time, whatever becomes of the process."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import msgspec

from hinomi.kernel.errors import Text
from hinomi.runtime.photos.messages import Failed, Made, Result, Task

WAIT_S = 600.0
"""Wall-clock time after which a picture is given up; on a quiet machine it takes 3 s [s]."""


def ready() -> bool:
    """Tell whether the extra ``photos`` is installed, as far as it is needed at all."""
    return find_spec("PIL") is not None


def run(task: Task, *, wait_s: float = WAIT_S) -> Made | Failed:
    """Return what the process made of a picture, or why it made nothing."""
    command = [sys.executable, "-m", "hinomi.runtime.photos.process"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            input=msgspec.msgpack.encode(task),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=wait_s,
            check=False,
        )
        result = msgspec.msgpack.decode(done.stdout, type=Result)
    except subprocess.TimeoutExpired:
        return Failed(Text("処理に時間がかかりすぎました", "it took too long"))
    except msgspec.DecodeError:
        return Failed(Text("処理が途中で終わりました", "the covering process ended on it"))
    return result.made or result.failed or Failed(Text("結果がありません", "nothing came back"))
