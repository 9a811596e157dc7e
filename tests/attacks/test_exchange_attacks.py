"""The exchange's doors: each hostile file, and each attack at each address, gets a clear error."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from hinomi.kernel.marking import ANONYMOUS, Disclosure, Principal
from hinomi.kernel.reader import Reader
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys
from hinomi.stores.sqlite import SqliteStore
from tests.attacks import hostile_exchange
from tests.attacks.conftest import Outcome
from tests.runtime.photos.heic import HEIC

CODES = {
    "cap-laughs.xml": "cap.dtd",
    "cap-outside.xml": "cap.dtd",
    "cap-nested.xml": "cap.too-large",
    "cap-cut.xml": "cap.not-xml",
    "cap-encoding.xml": "cap.not-xml",
    "cap-declared.xml": "cap.not-xml",
    "cap-year-9999.xml": "cap.time",
    "cap-nan.xml": "cap.position",
    "cap-swapped.xml": "cap.position",
    "cap-10mb.xml": "cap.too-large",
    "gdacs-laughs.xml": "gdacs.dtd",
    "gdacs-outside.xml": "gdacs.dtd",
    "gdacs-nan.xml": "gdacs.item",
    "gdacs-year.xml": "gdacs.item",
    "gdacs-10mb.xml": "intake.record-too-large",
    "usgs-nan.json": "usgs.feature",
    "usgs-infinite.json": "usgs.feature",
    "usgs-year.json": "usgs.feature",
    "usgs-deep.json": "usgs.unreadable",
    "usgs-10mb.json": "intake.record-too-large",
    "nwis-nan.json": "nwis.value",
    "nwis-huge.json": "nwis.value",
    "nwis-10mb.json": "intake.record-too-large",
    "sensors-nan.csv": "sensors.row",
    "sensors-swapped.csv": "sensors.row",
    "sensors-status.csv": "sensors.row",
    "sensors-sql.csv": "sensors.row",
    "sensors-10mb.csv": "sensors.row",
    "sip4d-nan.zip": "sip4d.number-not-finite",
    "sip4d-swapped.zip": "sip4d.coordinates-swapped",
    "sip4d-status.zip": "sip4d.status-unreadable",
    "sip4d-year.zip": "sip4d.time-unreadable",
    "sip4d-climbing.zip": "sip4d.member-unsafe",
    "sip4d-link.zip": "sip4d.member-unsafe",
    "sip4d-bomb.zip": "sip4d.archive-bomb",
    "sip4d-deep.zip": "sip4d.feature-not-json",
    "sip4d-10mb.zip": "sip4d.properties-too-large",
    "sip4d-cut.zip": "sip4d.not-a-package",
    "qzss-broken.nmea": "qzss.sentence",
}


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    root = tmp_path_factory.mktemp("exchange")
    (root / "files").mkdir()
    for name, make in hostile_exchange.FILES.items():
        (root / "files" / name).write_bytes(make())
    for name, data in hostile_exchange.GOOD.items():
        (root / "files" / name).write_bytes(data)
    return Outcome(root / "files", root / "data")


def test_every_hostile_file_has_its_code_in_both_languages(taken: Outcome) -> None:
    assert set(CODES) == set(hostile_exchange.FILES)
    told: dict[str, set[str]] = {}
    for finding in taken.report["findings"]:
        problem = finding["problem"]
        assert problem["text"]["ja"]
        assert problem["text"]["en"]
        told.setdefault(Path(finding["address"]).name, set()).add(problem["code"])
    assert {name for name, code in CODES.items() if code not in told.get(name, ())} == set()


def test_none_is_a_fault_of_ours_and_the_good_parts_go_on(taken: Outcome) -> None:
    tallies = {Path(name).name: tally for name, tally in taken.report["files"].items()}
    assert {name for name, tally in tallies.items() if tally["fault"]} == set()
    for name in hostile_exchange.GOOD:
        assert tallies[name]["understood"], name
    # Of each list with one bad row the good one is there, and no bad one.
    store = SqliteStore(taken.data, read_only=True)
    reader = Reader(store, default_catalog(), ANONYMOUS)
    assert {item.key for item in reader.every("hazards.sensor_stations")} == {"good", "last"}
    shelters = list(reader.every("response.shelters"))
    assert {item.body()["name"] for item in shelters} == {"第1小学校", "第2小学校"}
    assert all(122 < (item.place() or {})["coordinates"][0] < 154 for item in shelters)
    alerts = [item.body() for item in reader.every("hazards.alerts")]
    store.close()
    said = json.dumps([alerts, taken.report], default=str)
    assert "good-cap" in said
    assert "root:" not in said
    assert len(said) < 200_000


def test_memory_stays_bounded(taken: Outcome) -> None:
    assert taken.peak_mb < 400
    assert not list(taken.data.parent.parent.glob("climb*"))


class Town(NamedTuple):
    client: httpx.Client
    pid: int


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    data = tmp_path_factory.mktemp("doors") / "data"
    data.mkdir()
    keys = Keys(data)
    secret = keys.create(Principal("partner", ("town",), Disclosure.AMBER, ("*",)))
    keys.close()
    command = [sys.executable, "-m", "hinomi.apps.cli", "run", "--port", "0", "--json"]
    with (data.parent / "err").open("w") as err:
        process = subprocess.Popen(
            [*command, "--no-drill", "--data", str(data)],
            stdout=subprocess.PIPE, stderr=err, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    text = ""
    while not text.endswith("}\n"):
        line = process.stdout.readline()
        assert line, (data.parent / "err").read_text()
        text += line
    with httpx.Client(
        base_url=json.loads(text)["address"], headers={"X-API-Key": secret}, timeout=60
    ) as client:
        yield Town(client, process.pid)
    process.terminate()
    process.wait(20)
    process.stdout.close()


DOORS = (
    "/packages",
    "/imports?collection=response.shelters&name=x.{end}",
    "/imports/confirm?collection=response.shelters&name=x.{end}",
    "/photos",
    "/websub",
    "/stac/search",
    "/hooks/chirpstack",
    "/hooks/tts",
    "/sta/v1.1/Things",
    "/sta/v1.1/Datastreams('x')/Observations",
    "/sta/v1.1/CreateObservations",
    "/sta/v1.1/$batch",
    "/collections/response.shelters/items",
)
DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
ATTACKS: dict[str, tuple[str, str, bytes]] = {
    "nothing": ("json", "application/json", b""),
    "deep": ("geojson", "application/json", DEEP),
    "nan": ("geojson", "application/json", b'{"type":"Feature","geometry":{"type":"Point",'
            b'"coordinates":[NaN,1e999]},"result":NaN,"requests":[{"id":NaN}]}'),
    "cut": ("json", "application/json", b'{"requests":[{"id":"1","method":"POST","url":"Thi'),
    "not utf-8": ("csv", "application/json", b'{"name":"\xff\xfe\xfa"}'),
    "ten megabytes": ("csv", "application/json", b'{"name":"' + b"x" * 10**7 + b'"}'),
    "a million": ("geojson", "application/json", b'{"ids":[' + b'"x",' * 999_999 + b'"x"]}'),
    "year 9999": ("geojson", "application/json",
                  b'{"datetime":"9999-12-31T23:59:59-12:00","result":1,'
                  b'"phenomenonTime":"9999-12-31T23:59:59-12:00","said_at":"9999-12-31"}'),
    "sql": ("csv", "application/json",
            b'{"collections":["\'; DROP TABLE record; --"],"name":"x\'"}'),
    "a form": ("json", "application/x-www-form-urlencoded",
               b"hub.mode=subscribe&hub.callback=file%3A%2F%2F%2Fetc%2Fpasswd&" + b"a=b&" * 50),
    "a half form": ("jpg", "multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form"),
    "entities": ("kml", "application/xml",
                 hostile_exchange.outside(hostile_exchange.cap(), "alert")),
    "a zip bomb": ("xlsx", "application/zip", b""),
    "a climbing zip": ("zip", "application/zip",
                       hostile_exchange.package(others=[("../../climb.shp", b"x")])[:-9]),
    "a cut photo": ("csv", "image/heic", HEIC[:300]),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_door_answers_every_attack_with_a_reason(town: Town, attack: str) -> None:
    end, media_type, data = ATTACKS[attack]
    if attack == "a zip bomb":
        data = hostile_exchange.FILES["sip4d-bomb.zip"]()
    for door in DOORS:
        answer = town.client.post(
            door.format(end=end), content=data, headers={"Content-Type": media_type}
        )
        place = f"{door} {answer.status_code} {answer.text[:300]}"
        if door == "/stac/search" and answer.status_code == 200:
            continue  # An object without members of the standard asks for everything.
        assert 400 <= answer.status_code < 500, place
        told = answer.json()
        assert told["status"] == answer.status_code, place
        assert told.get("detail") or told.get("problems"), place
        assert "root:" not in answer.text


def test_the_server_lives_on_and_has_not_grown(town: Town) -> None:
    assert town.client.get("/conformance").status_code == 200
    assert town.client.get("/collections/response.shelters/items").json()["features"] == []
    pids = [str(town.pid)]
    pids += Path(f"/proc/{town.pid}/task/{town.pid}/children").read_text().split()
    for pid in pids:
        status: Any = Path(f"/proc/{pid}/status").read_text()
        assert int(status.split("VmHWM:")[1].split()[0]) < 600 * 1024, status
