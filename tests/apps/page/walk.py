"""A person before the page, with a mouse, a keyboard or a thumb, who counts what they press."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.apps.page.conftest import PHONE

SAMPLE = Path(__file__).resolve().parents[3] / "docs/samples/hinanjo-mihon.csv"
MEANINGS = {
    "施設の呼び名": "name",
    "どこにあるか": "address",
    "北緯": "latitude",
    "東経": "longitude",
    "入れる人数": "capacity",
    "ひらいているか": "state",
}
TARGET_PX = 24
"""Least side of what is tapped: WCAG 2.2, 2.5.8 Target Size (Minimum), level AA."""
FURTHEST = 160
"""Presses of a key by which something must have been reached."""
LONGEST_S = 120


class Walk:
    """A person before the page: counts what they press."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.clicks = 0
        self.keys = 0
        self.began = time.monotonic()

    def told(self, job: str) -> None:
        """End a job: it has taken less than what a new user is promised."""
        took = time.monotonic() - self.began
        if os.environ.get("HINOMI_WALK"):
            sys.stderr.write(f"{job}: {self.clicks} clicks, {self.keys} keys, {took:.1f} s\n")
        assert took < LONGEST_S, job
        self.clicks = self.keys = 0
        self.began = time.monotonic()

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.click()

    def choose(self, selector: str, value: str) -> None:
        self.clicks += 2
        self.page.locator(selector).select_option(value)

    def type(self, selector: str, text: str) -> None:
        self.keys += len(text)
        self.page.locator(selector).fill(text)

    def press(self, *keys: str) -> None:
        self.keys += len(keys)
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.keys += len(text)
        self.page.keyboard.type(text)

    def tab_to(self, selector: str, *, back: bool = False) -> None:
        """Go there by the tabulator alone: whoever has no mouse must be able to."""
        # Nobody looks for what is not drawn yet.
        self.page.locator(selector).first.wait_for(state="attached")
        self.until("Shift+Tab" if back else "Tab", lambda: self.at(selector), selector)

    def pick(self, selector: str, value: str) -> None:
        """Choose from a list by its arrows alone."""
        self.tab_to(selector)
        self.press("Home")
        chosen = self.page.locator(selector)
        self.until("ArrowDown", lambda: chosen.input_value() == value, f"{value} of {selector}")

    def until(self, key: str, reached: Callable[[], bool], goal: str) -> None:
        """Press a key until it is so."""
        for _ in range(FURTHEST):
            if reached():
                return
            self.press(key)
        here = self.page.evaluate("document.activeElement?.outerHTML.slice(0, 200)")
        pytest.fail(f"{goal} is not reached by {key}; the focus is at {here}")

    def at(self, selector: str) -> bool:
        """Return whether the keyboard is there."""
        return bool(self.page.locator(f"{selector}:focus").count())

    def ten_at_night(self, selector: str) -> None:
        """Write 22:00 into the browser's own boxes, in its language: 10:00 PM or 22:00."""
        for written in ("1000P", "2200"):
            self.tab_to(selector, back=True)
            self.press("Shift+Tab")  # From the button of the calendar to the last of the boxes.
            self.press(*["ArrowLeft"] * 6, *["ArrowRight"] * 3)
            self.write(written)
            if self.page.locator(selector).input_value().endswith("T22:00"):
                return
            self.press("Tab", "Tab", "Tab")
        pytest.fail(f"{selector} stands at {self.page.locator(selector).input_value()}")

    def wait(self, selector: str) -> Any:
        found = self.page.locator(selector).first
        found.wait_for()
        return found

    def part(self, name: str) -> None:
        """Open a part beside the map, or close it."""
        self.click(f"[data-focus='part-{name}']")

    def lists(self) -> None:
        """Look at the lists, which are always there."""


class Thumb(Walk):
    """A person with a telephone: what they tap is large enough and not under another."""

    def click(self, selector: str) -> None:
        self.clicks += 1
        found = self.page.locator(selector).first
        found.scroll_into_view_if_needed()
        box = found.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= TARGET_PX, (selector, box)
        found.tap()

    def part(self, name: str) -> None:
        self.click(f"[data-focus='tab-{name}']")

    def lists(self) -> None:
        self.click("[data-focus='tab-list']")

    def told(self, job: str) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["viewport"]["width"], f"{job}: scrolls sideways"
        super().told(f"thumb: {job}")


def saved(page: Any, selector: str) -> bytes:
    """Return what a report's link gives."""
    address = page.locator(selector).evaluate("e => e.href")
    body: bytes = page.context.request.get(address).body()
    return body
