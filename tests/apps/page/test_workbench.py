"""Scenarios in the browser: the link opens the same comparison for those who may see it."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from hinomi.domains.hazards.collections.scenarios import Changes, Cost, Figures, Trace
from hinomi.domains.hazards.predict_inundation import FloodCase, Ground
from hinomi.domains.hazards.workbench import records
from hinomi.domains.hazards.workbench.grounds import case_record
from hinomi.domains.hazards.workbench.running import Outcome
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.runtime.desk import open_desk
from hinomi.science.coverages import Packed, pack
from tests.apps.page.conftest import PATIENCE_MS, PHONE, without_map
from tests.apps.page.serving import Serving

pytestmark = pytest.mark.browser
T0 = datetime(2026, 9, 1, tzinfo=UTC)
TEST = Marking(Status.TEST, Disclosure.AMBER)


def outcome(bounds: tuple[float, float, float, float], depth_m: float) -> Outcome:
    """A map that is dry in its upper half, made by hand: no model runs here."""
    depth = np.zeros((1, 20, 30), np.float32)
    depth[:, 10:] = depth_m

    def packed(name: str, unit: str, values: np.ndarray) -> Packed:
        return Packed(parameter=name, unit=unit, times=(T0,), bounds=bounds, values=values)

    extremes = pack(
        packed("max_depth_m", "m", depth), 0.01,
        (packed("arrival_min", "min", np.where(depth > 0, 30, np.nan).astype(np.float32)), 0.2),
        (packed("relief", "1", np.full_like(depth, 0.5)), 1 / 64),
        (packed("max_speed_m_s", "m/s", depth), 0.01),
    )  # fmt: skip
    figures = Figures(
        area_m2=3e4, area_by_rank_m2=(0, 3e4, 0, 0, 0, 0), volume_m3=1e4, deepest_m=depth_m,
        fastest_m_s=1.0, people=12.0,
    )  # fmt: skip
    return Outcome(
        figures=figures, traces=(Trace("橋", (0.0, 60.0), (0.0, depth_m)),), scores=(), steps=10,
        cells=600, bounds=bounds, rows=20, columns=30, moments=(T0,), extremes=extremes,
        depths=pack(packed("depth_m", "m", depth), 0.01), kernel="inertial", parameters="",
    )  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    data = tmp_path_factory.mktemp("bench") / "data"
    plan = FloodCase(title="東町", dem="-", hours=1, crs="EPSG:6677")
    ground = Ground(np.zeros((20, 30)), 20.0, 0.0, 400.0, "0" * 64)
    case, packed = case_record("east", plan, ground, None, TEST, said_at=T0)
    desk = open_desk(data, "test")
    desk.keep(packed)
    made = [case]
    for key, title, depth_m in (("one", "いま", 1.0), ("two", "かさ上げ", 0.6)):
        found = outcome(case.body.bounds, depth_m)
        body = records.asked(
            case.body, case.identity(), "east", Changes(), title=title, asked_by="s", asked_at=T0
        )
        body = records.done(body, case.body, found, Cost(cpu_s=1, wall_s=1, cells=600, steps=10))
        made.append(records.run_record(key, body, T0, "hinomi", TEST))
        made += records.map_records(key, body, found, T0, "hinomi", TEST)
        for blob in (found.extremes, found.depths):
            assert desk.keep(blob) == sha256(blob).hexdigest()
    desk.append(made)
    desk.close()
    serving = Serving(data, "--no-drill")
    yield serving
    serving.stop()


@pytest.fixture(scope="module")
def officer(browser: Any, served: Serving) -> list[Any]:
    """The cookies of one who has signed in: the link of the server's start is good for once."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    secret = served.told["sign_in"].partition("#sign-in=")[2]
    page.goto(f"{served.url}/?part=hq&status=test&lang=ja#sign-in={secret}")
    page.fill("#sign-in-name", "佐藤")
    page.click(".sign-in-form button[type=submit]")
    page.wait_for_selector(".sign-in", state="detached")
    found: list[Any] = context.cookies()
    context.close()
    return found


def test_a_link_opens_the_comparison_only_for_those_who_may_see_it(
    browser: Any, served: Serving, officer: list[Any]
) -> None:
    complaints: list[str] = []
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    link = f"{served.url}/?part=workbench&status=test&lang=ja#runs=one,two"
    page.goto(link)
    page.wait_for_selector(".wb-comparison .failed")
    assert page.locator(".wb-map").count() == 0
    assert page.locator(".wb-run").count() == 0
    page.context.add_cookies(officer)
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(".wb-figures")
    # A function: an expression would be evaluated in the page again, which its policy forbids.
    page.wait_for_function(
        "() => [...document.querySelectorAll('.wb-map img')].filter(i => i.naturalWidth).length"
        " === 2"
    )
    assert page.locator(".wb-figures thead th").all_inner_texts()[1:] == ["いま", "かさ上げ"]
    cells = page.locator(".wb-figures tr", has_text="最大浸水深").locator("td").all_inner_texts()
    assert [cell.split("\n")[0] for cell in cells] == ["1.00", "0.60"]
    box = page.locator(".wb-map").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8)
    page.wait_for_selector(".wb-probe li")
    told = page.locator(".wb-probe li").all_inner_texts()
    assert "最大 1.00 m" in told[0]
    assert "最大 0.60 m" in told[1]
    page.click("[data-kind=difference]")
    page.wait_for_selector('.wb-map img[alt*="差"][src^="blob:"]')
    assert page.locator(".wb-map").count() == 1
    assert complaints == []


def test_on_a_phone_the_map_comes_forward_when_it_is_asked_for_and_goes_back(
    browser: Any, served: Serving, officer: list[Any]
) -> None:
    context = browser.new_context(**PHONE)
    context.set_default_timeout(PATIENCE_MS)
    without_map(context)
    page = context.new_page()
    context.add_cookies(officer)
    page.goto(f"{served.url}/?part=workbench&status=test&lang=ja")
    shown = "() => document.body.dataset.pane"
    page.click(".wb-cases .order-head button")
    assert page.evaluate(shown) == "map"
    page.click(".tabs button[aria-pressed=false]:has-text('シナリオ')")
    page.click(".wb-cases button.actions")
    page.click(".wb-cases .actions-body button:has-text('条件を変えて計算')")
    page.fill(".act-form [name=title]", "破堤")
    # No map can be drawn here: there is no place to press, and the form is there again.
    page.locator(".act-form .box-place button").first.click()
    page.wait_for_function("() => document.body.dataset.pane === 'part'")
    assert page.input_value(".act-form [name=title]") == "破堤"
    context.close()
