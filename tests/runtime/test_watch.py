"""A watched folder: whole files once, however they come, and told of when it goes away."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime import watch
from hinomi.runtime.intake import Intake
from hinomi.runtime.report import Report
from hinomi.runtime.watch import Folders

PATIENCE_S = 60.0


class Door:
    """Stands for the intake: notes what it is given, and refuses what it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.refuses: set[str] = set()

    def ingest(self, paths: Sequence[Path]) -> Report:
        (path,) = paths
        if path.name in self.refuses:
            raise UnavailableError("The disk is full.", "ディスクに空きがありません。")
        self.taken.append((path.name, path.read_bytes()))
        return Report()

    def names(self) -> list[str]:
        return sorted(name for name, _ in self.taken)


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def box(tmp_path: Path) -> Path:
    # People keep such a folder in a hidden one, too.
    return tmp_path / ".share" / "in"


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def watching(
    door: Door, box: Path, told: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    monkeypatch.setattr(watch, "STABLE_S", 0.1)
    monkeypatch.setattr(watch, "ABSENT_S", 0.3)
    monkeypatch.setattr(watch, "RETRY_S", 0.2)
    stop = threading.Event()
    folders = Folders([box], cast("Intake", door), tell=lambda *news: told.append(news))
    thread = threading.Thread(target=folders.run, args=(stop,))

    def start() -> None:
        thread.start()
        until(lambda: bool(told))

    yield start
    stop.set()
    if thread.ident:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_files_come_in_every_way_and_each_is_taken_once(
    watching: Callable[[], None], door: Door, box: Path, tmp_path: Path
) -> None:
    box.mkdir(parents=True)
    (box / "before.xml").write_bytes(b"1")
    watching()
    (box / "created.xml").write_bytes(b"2")
    (box / ".hidden.xml").write_bytes(b"3")
    (box / "~$opened.xlsx").write_bytes(b"lock")
    (box / "sent.csv.filepart").write_bytes(b"4")
    (box / "sent.csv.filepart").rename(box / "sent.csv")
    # A folder that is moved in whole is one event, which names none of its files.
    (tmp_path / "batch" / "deep").mkdir(parents=True)
    (tmp_path / "batch" / "five.xml").write_bytes(b"5")
    (tmp_path / "batch" / "deep" / "six.xml").write_bytes(b"6")
    (tmp_path / "batch").rename(box / "batch")
    wanted = ["before.xml", "created.xml", "five.xml", "sent.csv", "six.xml"]
    until(lambda: door.names() == wanted)
    (box / "created.xml").write_bytes(b"2, corrected")
    until(lambda: ("created.xml", b"2, corrected") in door.taken)
    assert door.names() == sorted([*wanted, "created.xml"])


def test_what_grows_is_taken_when_it_is_whole(
    watching: Callable[[], None], door: Door, box: Path
) -> None:
    watching()
    with (box / "long.xml").open("wb", buffering=0) as file:
        for _ in range(12):
            file.write(b"piece")
            time.sleep(0.02)
    until(lambda: bool(door.taken))
    assert door.taken[-1] == ("long.xml", b"piece" * 12)


def test_a_folder_that_goes_away_is_told_of_and_watched_again_once_it_is_back(
    watching: Callable[[], None], door: Door, box: Path, told: list[tuple[str, str]]
) -> None:
    watching()
    shutil.rmtree(box)
    until(lambda: len(told) == 2)
    box.mkdir()
    (box / "new.xml").write_bytes(b"1")
    until(lambda: door.names() == ["new.xml"])
    until(lambda: len(told) == 3)
    assert [(path, bool(error)) for path, error in told] == [
        (str(box), False),
        (str(box), True),
        (str(box), False),
    ]


def test_what_the_store_does_not_take_holds_up_no_other_file_and_comes_later(
    watching: Callable[[], None], door: Door, box: Path
) -> None:
    door.refuses = {"a.xml"}
    box.mkdir(parents=True)
    for name in ("a.xml", "b.xml", "c.xml"):
        (box / name).write_bytes(name.encode())
    watching()
    until(lambda: door.names() == ["b.xml", "c.xml"])
    door.refuses = set()
    until(lambda: door.names() == ["a.xml", "b.xml", "c.xml"])


def test_files_are_found_where_the_system_tells_nothing(
    watching: Callable[[], None], door: Door, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a folder on another machine, or where all its watches are used up."""

    def none_left(*_: object, **__: object) -> None:
        raise OSError(28, "OS file watch limit reached.")

    monkeypatch.setattr("watchfiles.watch", none_left)
    monkeypatch.setattr(watch, "LOOK_S", 0.2)
    watching()
    (box / "late.xml").write_bytes(b"1")
    until(lambda: door.names() == ["late.xml"])


def test_news_of_a_folder_that_could_not_be_written_are_told_once_they_can(
    door: Door, tmp_path: Path
) -> None:
    stop, refusals, heard = threading.Event(), [UnavailableError("full", "満杯")], list[str]()

    def tell(_: str, error: str) -> None:
        if refusals:
            raise refusals.pop()
        heard.append(error)
        stop.set()

    folders = Folders([tmp_path], cast("Intake", door), tell=tell)
    with pytest.raises(UnavailableError):
        folders.run(stop)
    folders.run(stop)  # As the hub begins it again.
    assert heard == [""]
