"""A town's headquarters: the real server, the people who work there, and what they press."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Disclosure, Marking, Principal, Status
from hinomi.kernel.records import Interval, Record
from hinomi.runtime import clock
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.desk import open_desk
from hinomi.runtime.keys import Keys
from tests.apps.page.serving import Serving

TOWNS = {"1720400": ("輪島市", "Wajima City", 136.9), "1720500": ("珠洲市", "Suzu City", 137.2)}
OIDC = """[oidc]
issuer = "{issuer}"
client_id = "hinomi"
client_secret_file = "oidc.secret"
name_claim = "sub"
roles_claim = "roles"
organisations_claim = "organisations"

[oidc.roles]
"bosai-ka" = "town-officer"
"""


def outline(west: float) -> Geometry:
    corners = [(0, 0), (0.28, 0), (0.28, 0.28), (0, 0.28), (0, 0)]
    return {"type": "Polygon", "coordinates": [[[west + x, 37.3 + y] for x, y in corners]]}


class Town:
    """A server with a data folder of its own, and the people who work there."""

    def __init__(self, folder: Path, issuer: str) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.issuer = issuer
        (self.data / "oidc.secret").write_text("of-the-client")
        (self.data / "hinomi.toml").write_text(OIDC.format(issuer=issuer))
        self._serving = Serving(self.data, "--no-drill")
        self.stop = self._serving.stop
        self.url = self._serving.url
        self.link: str = self._serving.told["sign_in"]
        keys = Keys(self.data)
        roles = {"佐藤": "officer", "鈴木": "commander"}
        self.keys = {
            name: keys.create(Principal(name, ("本部",), Disclosure.AMBER, (), (role,)))
            for name, role in roles.items()
        }

    def level(self, code: str, level: int, status: Status = Status.ACTUAL) -> None:
        name, name_en, west = TOWNS[code]
        now = clock.now()
        schema = default_catalog().collection("hazards.levels").schema
        body = schema(area_code=code, area_name=name, area_name_en=name_en, level=level,
                      level_stated=True, count=1, hazards="rain", in_force=[])  # fmt: skip
        self.put(
            Record(collection="hazards.levels", key=code, said_at=now, when=Interval(now, None),
                   place=outline(west), body=body, source="jma", marking=Marking(status))
        )  # fmt: skip

    def quake(self, strengths: dict[str, float]) -> None:
        now, catalog = clock.now(), default_catalog()
        event = f"{now:%Y%m%d%H%M%S}"
        felt = catalog.collection("hazards.intensities").schema
        records = [
            Record(
                collection="hazards.intensities", key=f"{event}/intensity/{code}", said_at=now,
                source="jma",
                body=felt(area_name=TOWNS[code][0], prefecture="石川県", intensity="x",
                          at_least=strength, event_id=event, measure="intensity",
                          area_kind="city", area_code=code, telegram="VXSE53"),
            )
            for code, strength in strengths.items()
        ]  # fmt: skip
        quake = catalog.collection("hazards.quakes").schema
        greatest = max(strengths.values())
        body = quake(event_id=event, hypocentre="石川県能登地方", magnitude=7.6,
                     max_intensity="6+", max_intensity_at_least=greatest)  # fmt: skip
        self.put(*records, Record(collection="hazards.quakes", key=event, said_at=now,
                                  when=Interval(now, now), source="jma", body=body))  # fmt: skip

    def put(self, *records: Record) -> None:
        desk = open_desk(self.data, "test")
        desk.append(list(records))
        desk.close()


def entry(page: Any, text: str) -> Any:
    found = page.locator(".entry", has_text=text)
    found.first.wait_for()
    return found.first


def tab(page: Any, name: str) -> None:
    page.click(f"#hq-tab-{name}")


def act(item: Any, title: str) -> Any:
    item.locator("button.actions").click()
    item.locator(".actions-body button", has_text=title).first.click()
    return item
