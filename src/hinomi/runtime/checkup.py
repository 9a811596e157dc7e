"""The check-up: installation, catalogue, store, disk and page, with a finding about each."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec

from hinomi import __version__
from hinomi.kernel.errors import HinomiError, Text
from hinomi.runtime import config, folder, outages, retention, storing
from hinomi.runtime.catalog import default_catalog

LOW_DISK = 1 << 30
"""[B] Less free than this is worth a word."""
_PACKAGES = ("apsw", "click", "granian", "lxml", "msgspec", "shapely", "zstandard")


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    grade: Literal["good", "note", "bad"]
    text: Text


def check(data: Path, *, page: Path, app: str) -> list[Finding]:
    """Return what was found; nothing is raised and nothing changed."""
    steps: list[Callable[[], Iterator[Finding]]] = [
        _installation,
        _catalogue,
        lambda: _app(page, app),
        lambda: _folder(data),
        lambda: _store(data),
        lambda: _retention(data),
    ]
    found: list[Finding] = []
    for step in steps:
        try:
            found.extend(step())
        except HinomiError as error:
            found.append(Finding("bad", error.text))
        except Exception as error:  # noqa: BLE001 - a check-up tells every fault
            found.append(
                _bad(f"{type(error).__name__}: {error}", f"{type(error).__name__}: {error}")
            )
    return found


def _installation() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    names = []
    for package in _PACKAGES:
        try:
            names.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            yield _bad(f"{package}が導入されていません。", f"{package} is not installed.")
    listed = ", ".join(names)
    yield _good(
        f"hinomi {__version__}, Python {python}, {listed}",
        f"hinomi {__version__}, Python {python}, {listed}",
    )


def _catalogue() -> Iterator[Finding]:
    c = default_catalog()
    counts = (len(c.domains), len(c.collections), len(c.sources), len(c.models), len(c.products))
    yield _good(
        "カタログ: 分野{} コレクション{} 情報源{} モデル{} 提供物{}".format(*counts),
        "catalogue: {} domains, {} collections, {} sources, {} models, {} products".format(*counts),
    )


def _app(page: Path, app: str) -> Iterator[Finding]:
    if find_spec(app.partition(":")[0]) is None:
        yield _bad(f"Webアプリ{app}がありません。", f"The web app {app} is missing.")
    if page.exists():
        yield _good("画面はビルド済みです。", "The page is built.")
    else:
        yield _note(
            "画面が未ビルドです(make setup)。APIは動きます。",
            "The page is not built (make setup); the API works without it.",
        )


def _folder(data: Path) -> Iterator[Finding]:
    place = data if data.exists() else data.absolute().parent
    free = shutil.disk_usage(place).free
    said = (_note if free < LOW_DISK else _good)(
        f"空き容量 {free / 1e9:.1f} GB ({place})", f"{free / 1e9:.1f} GB free at {place}"
    )
    yield said
    if not data.exists():
        return
    config.read(data)
    held = folder.holder(data)
    if held is not None:
        where = held.address or f"{held.pid}"
        yield _good(f"書き込み中: {held.role} {where}", f"in use by {held.role}, {where}")


def _store(data: Path) -> Iterator[Finding]:
    if not data.exists():
        yield _note(
            f"データフォルダ{data}はまだありません。", f"There is no data folder {data} yet."
        )
        return
    store = storing.open_store(storing.address(data), read_only=True)
    try:
        faults = store.check()
        position = store.position()
        things = sum(store.counts().values())
        silent = outages.standing(store)
    finally:
        store.close()
    for fault in faults:
        yield _bad(f"保存データの不整合: {fault}", f"store: {fault}")
    if not faults:
        yield _good(
            f"保存データに異常はありません(位置 {position:,}、現在有効 {things:,}件)。",
            f"The store is whole (position {position:,}, {things:,} things stand).",
        )
    for alarm in silent:
        yield _bad(
            f"{alarm.text_ja} {alarm.expected} ({alarm.found})",
            f"{alarm.text_en} {alarm.expected} ({alarm.found})",
        )


def _retention(data: Path) -> Iterator[Finding]:
    for collection, days, files in retention.kept(default_catalog(), data):
        if not retention.can_archive():
            yield _note(
                f"{collection}の保存期間は{days}日ですが、pyarrowがないため移しません"
                "(pip install 'hinomi[archive]')。",
                f"{collection} keeps readings {days} days, but without pyarrow none are moved"
                " (pip install 'hinomi[archive]').",
            )
            continue
        last = f" ({files[-1].name})" if files else ""
        yield _good(
            f"{collection}: 観測値は{days}日保存、以前の分は{len(files)}ファイル{last}",
            f"{collection}: readings are kept {days} days; older ones in {len(files)} files{last}",
        )


def _good(ja: str, en: str) -> Finding:
    return Finding("good", Text(ja, en))


def _note(ja: str, en: str) -> Finding:
    return Finding("note", Text(ja, en))


def _bad(ja: str, en: str) -> Finding:
    return Finding("bad", Text(ja, en))
