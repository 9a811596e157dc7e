"""The site builds without a warning, is whole without a network, and is found in Japanese."""

from __future__ import annotations

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from docs.site import examples
from docs.site.markdown import ROOT, outside_code, rewrite
from hinomi.kernel.records import ENVELOPE
from hinomi.runtime.catalog import default_catalog
from hinomi.testing import reference_examples

_FETCHED = re.compile(r"<(?:script|img|iframe|source)[^>]*?\ssrc=[\"']?([^\"'\s>]+)")
_STYLES = re.compile(r"<link[^>]*?\shref=[\"']?([^\"'\s>]+)[^>]*?>")
_LINKS = re.compile(r"<a[^>]*?\shref=[\"']?([^\"'\s>]+)")
_IDS = re.compile(r"\sid=[\"']?([^\"'\s>]+)")


OFFICERS = {
    *("dashboard", "headquarters", "reports", "as-of", "trace", "ten-jobs", "start", "feeds"),
    *("boundaries", "shelters", "ingest", "backup", "drill", "files", "sip4d", "cap", "sensors"),
    *("federation", "clients", "catalogue", "tiles", "qzss", "postgresql", "new-source"),
}
"""Guides that must stay in both languages."""


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site: the one that ``make docs`` just built (``HINOMI_SITE``), or built here."""
    if built := os.environ.get("HINOMI_SITE"):
        return Path(built)
    to = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "docs.site.build", "--to", to, "--trees", to.with_name("trees")],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return to


@pytest.fixture(scope="module")
def built(site: Path) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}


def test_nothing_is_fetched_from_elsewhere(built: dict[Path, str]) -> None:
    for path, text in built.items():
        fetched = _FETCHED.findall(text)
        fetched += [f for f in _STYLES.findall(text) if "canonical" not in f]
        assert [f for f in fetched if re.match(r"(?:https?:)?//", f)] == [], path


def test_every_link_leads_to_a_page_and_a_place_on_it(built: dict[Path, str]) -> None:
    places = {path: {unescape(i) for i in _IDS.findall(text)} for path, text in built.items()}
    for path, text in built.items():
        if path.name == "404.html":
            continue  # shown at any address, so its links begin at the root
        for link in _LINKS.findall(text):
            target, _, anchor = unescape(link).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            there = (path.parent / unquote(target)).resolve() if target else path
            assert there.is_file(), f"{path}: {link}"
            if anchor and there in places and not anchor.startswith("__"):
                assert unquote(anchor) in places[there], f"{path}: {link}"


def test_each_page_has_its_other_language(site: Path, built: dict[Path, str]) -> None:
    for language, other in (("ja", "en"), ("en", "ja")):
        for path in (site / language).rglob("*.html"):
            button = re.search(r'other-language[^>]*href="([^"]+)"', built[path])
            assert button, path
            assert f"/{other}/" in button[1]
            if path.name != "404.html":
                assert (path.parent / button[1]).resolve().is_file(), path
    assert len(list((site / "ja/how-to").glob("*.html"))) >= 15


def test_the_japanese_tree_is_japanese(site: Path) -> None:
    first = (site / "ja/index.html").read_text(encoding="utf-8")
    assert '<html lang="ja"' in first
    guides = {path.stem.removesuffix(".ja") for path in (ROOT / "docs/how-to").glob("*.ja.md")}
    assert guides >= OFFICERS, "what officers use is in Japanese"
    told = (*(f"how-to/{guide}" for guide in sorted(guides)), "purpose", "tutorial")
    explained = ("records", "as-of", "markings", "levels")
    for page in (*told, *(f"explanation/{name}" for name in explained)):
        assert "このページは英語だけ" not in (site / f"ja/{page}.html").read_text(encoding="utf-8")
    assert "このページは英語だけ" in (site / "ja/reference/cql2.html").read_text(encoding="utf-8")


def test_every_collection_source_product_and_act_is_there(site: Path) -> None:
    catalog = default_catalog()
    for language in ("ja", "en"):
        folder = site / language / "reference/catalogue"
        for domain in catalog.domains:
            for collection in domain.collections:
                name = getattr(collection, "id", "")
                text = (folder / domain.id / f"{name}.html").read_text(encoding="utf-8")
                title = collection.title.ja if language == "ja" else collection.title.en  # type: ignore[attr-defined]
                assert title in unescape(text)
                assert "JSON" in text
            texts = {
                page: (folder / f"{page}.html").read_text(encoding="utf-8")
                for page in ("sources", "products", "acts")
            }
            for page, adapters in zip(
                texts, (domain.sources, domain.products, domain.acts), strict=True
            ):
                for adapter in adapters:
                    assert f">{adapter.id}<" in texts[page], adapter.id  # type: ignore[attr-defined]


def test_the_examples_are_of_their_schemas() -> None:
    taken = examples.read()
    assert len(taken) >= 12
    for name, collection in default_catalog().collections.items():
        if name in taken:
            said = taken[name]["properties"]
            assert said["status"] == "exercise"
            body = {key: value for key, value in said.items() if key not in ENVELOPE}
            assert reference_examples.is_of(collection.schema, body), (
                f"{name}: run .venv/bin/python -m docs.site.examples"
            )
        else:
            made = reference_examples.body(collection.schema)
            assert reference_examples.is_of(collection.schema, made), name


def test_links_are_led_to_where_the_site_has_them() -> None:
    text = (
        "# T\n\n[日本語](feeds.ja.md)\n\nSee [all](../../ARCHITECTURE.md#words), `[x](y)`:\n- a\n"
    )
    assert rewrite(text, "docs/how-to/feeds.md", "en") == (
        "# T\n\nSee [all](../project/ARCHITECTURE.md#words), `[x](y)`:\n\n- a\n"
    )
    heading = "# 題\n\n## `x`の見方\n一行目。\n二行目。\n"
    assert rewrite(heading, "docs/how-to/feeds.ja.md", "ja") == (
        "# 題\n\n## `x`の見方\n\n一行目。二行目。\n"
    ), "a heading stays one line, a paragraph becomes one"
    english = rewrite("[e](boundaries.md#other-files)\n", "docs/how-to/shelters.ja.md", "ja")
    assert english == '<a href="../../en/how-to/boundaries.html#other-files">e</a>\n'
    code = "```\n- x\n```\n    indented [a](b.md)\n"
    assert outside_code(code, str.upper) == code


@pytest.fixture
def served(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "word", "found"),
    [("ja", "避難所", "避難"), ("ja", "水位", "水位"), ("en", "shelters", "helters")],
)
def test_a_word_is_found_without_a_network(
    browser: Any, served: str, language: str, word: str, found: str
) -> None:
    context = browser.new_context(locale="ja-JP" if language == "ja" else "en-US")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served}/index.html")
    page.wait_for_url(f"**/{language}/index.html")
    page.keyboard.press("/")
    page.locator(".md-search__input").fill(word)
    page.wait_for_selector(".md-search-result__item", timeout=30_000)
    assert found in page.inner_text(".md-search-result__list")
    assert [url for url in asked if not url.startswith((served, "blob:", "data:"))] == []
    context.close()
