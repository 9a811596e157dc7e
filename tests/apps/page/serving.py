"""``hinomi run`` as a person starts it: a process on a folder of its own, until it is stopped."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

HINOMI = (sys.executable, "-m", "hinomi.apps.cli")


class Serving:
    """A running server: what it told at its start (``address``, ``sign_in``)."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self._log = data.with_name("server.log").open("wb")
        command = [*HINOMI, "run", "--data", str(data), "--port", "0", "--no-open", "--json"]
        self._process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        told = ""
        assert self._process.stdout is not None
        for line in iter(self._process.stdout.readline, ""):
            told += line
            if line.startswith("}"):
                break
        else:
            self.stop()
            raise AssertionError(f"hinomi run ended: {Path(self._log.name).read_text()[-2000:]}")
        self.told: dict[str, Any] = json.loads(told)
        self.url: str = self.told["address"].rstrip("/")

    def ask(self, path: str) -> Any:
        """Return the JSON at an address."""
        return httpx.get(self.url + path, timeout=20).raise_for_status().json()

    def until_drill(self) -> None:
        """Wait until the drill that it begins with is known."""
        for _ in range(300):
            if self.ask("/drill")["exercise"]:
                return
            time.sleep(0.1)
        raise AssertionError("no drill is played")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()
