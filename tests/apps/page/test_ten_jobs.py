"""The ten jobs of a new user, as docs/how-to/ten-jobs.md times them: by mouse, keys alone, thumb.

``HINOMI_WALK=1`` prints how many clicks and keys each took.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.apps.page.conftest import PATIENCE_MS, PHONE, without_map
from tests.apps.page.jobs_by_keys import all_by_keys
from tests.apps.page.jobs_by_mouse import all_ten
from tests.apps.page.serving import Serving
from tests.apps.page.walk import SAMPLE, Thumb, Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def running(
    browser: Any,  # noqa: ARG001 - no browser, no server
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Any]]:
    """What ``make run`` starts: the drill playing, a link to sign in."""
    found = Serving(tmp_path_factory.mktemp("ten") / "data")
    found.until_drill()
    yield found.told
    found.stop()


@pytest.fixture(scope="module")
def signed(browser: Any, running: dict[str, Any]) -> dict[str, Any]:
    """The cookies of somebody who came by the link and wrote their name, by keys alone."""
    page = open_page(browser, "ja-JP")
    walk = Walk(page)
    page.goto(running["sign_in"])
    walk.wait("#sign-in-name:focus")
    walk.write("当直")
    walk.press("Enter")
    walk.wait("#hq-entry:focus")
    state: dict[str, Any] = page.context.storage_state()
    page.context.close()
    return {"cookies": state["cookies"], "origins": []}


def open_page(
    browser: Any, locale: str, signed: dict[str, Any] | None = None, **device: Any
) -> Any:
    wanted = device or {"viewport": {"width": 1440, "height": 900}}
    context = browser.new_context(locale=locale, storage_state=signed, **wanted)
    context.set_default_timeout(PATIENCE_MS)
    without_map(context)
    return context.new_page()


def test_ten_jobs_are_possible_without_reading_the_docs(
    browser: Any, running: dict[str, Any], signed: dict[str, Any]
) -> None:
    page = open_page(browser, "ja-JP", signed)
    page.goto(f"{running['address']}/?part=hq&status=exercise")
    page.wait_for_selector("#hq-entry")
    all_ten(Walk(page))
    page.context.close()


def test_ten_jobs_are_possible_on_a_telephone_by_thumb(
    browser: Any, running: dict[str, Any], signed: dict[str, Any]
) -> None:
    page = open_page(browser, "ja-JP", signed, **PHONE)
    page.goto(f"{running['address']}/?status=exercise")
    page.wait_for_selector("#board-levels .row")
    all_ten(Thumb(page))
    page.context.close()


def test_ten_jobs_are_possible_in_english_by_keys_alone(
    browser: Any, running: dict[str, Any], signed: dict[str, Any]
) -> None:
    """All of it once more, with no mouse, in English, while the drill goes on under the focus."""
    page = open_page(browser, "en-GB", signed)
    # Listening from the start: the browser is told late otherwise, and opens a window of its own.
    page.on("filechooser", lambda _: None)
    walk = Walk(page)
    page.goto(f"{running['address']}/?status=exercise")
    walk.wait("#board-levels .row")
    walk.tab_to(".tool.language")
    walk.press("Enter")
    walk.wait("header:has-text('What is in force')")
    walk.told("keys: English")
    all_by_keys(walk)
    page.context.close()


def test_a_file_that_is_dropped_on_the_page_opens_the_import_with_it(
    browser: Any, running: dict[str, Any], signed: dict[str, Any]
) -> None:
    """A real file from a folder, dragged in by the browser itself as the desktop would."""
    from playwright.sync_api import TimeoutError  # noqa: PLC0415 - only where a browser is

    page = open_page(browser, "ja-JP", signed)
    page.goto(f"{running['address']}/?status=exercise")
    page.wait_for_selector("#board-levels .row")
    line = page.context.new_cdp_session(page)
    dragged = {"items": [], "files": [str(SAMPLE)], "dragOperationsMask": 1}

    def drag(step: str, x: int = 300) -> None:
        line.send("Input.dispatchDragEvent", {"type": step, "x": x, "y": 400, "data": dragged})

    # A hand moves all the time, and tries again. Where the page draws anew under it, the browser
    # tells the new element that somebody has come, and nothing else.
    until = time.monotonic() + PATIENCE_MS / 1000
    while "part=import" not in page.url:
        drag("dragEnter")
        while page.locator("body[data-drop]").count() == 0:
            drag("dragOver", 300 + int(time.monotonic() * 10) % 10)
            assert time.monotonic() < until
        drag("drop")
        with suppress(TimeoutError):
            page.wait_for_url("**part=import**", wait_until="commit", timeout=2_000)
        assert time.monotonic() < until
    page.wait_for_selector("tr[data-column='施設の呼び名']")
    assert SAMPLE.name in page.locator(".drop-zone strong").inner_text()
    assert page.locator("body[data-drop]").count() == 0
    assert "part=import" in page.url
    page.context.close()
