"""USGS's gauges: real answers of the service, made RDB values, broken ones."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.domains.hazards import DOMAIN
from hinomi.domains.hazards.observe.nwis import SOURCE
from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.records import ESTIMATED, GOOD, SUSPECT
from hinomi.standards import nwis

NOW = datetime(2026, 6, 5, 12, tzinfo=UTC)
RDB = """# made from the published format, not a real answer
agency_cd\tsite_no\tdatetime\ttz_cd\t69513_00065\t69513_00065_cd\t1_00010\t1_00010_cd
5s\t15s\t20d\t6s\t14n\t10s\t14n\t10s
USGS\t01491000\t2026-06-05 06:00\tEDT\t10.00\tP\t20.1\tP
USGS\t01491000\t2026-06-05 06:15\tEDT\t11.00\tP:e\t\t
USGS\t01491000\t2026-06-05 06:30\tEDT\tIce\tP\t\t
USGS\t01491000\t2026-06-05 06:45\tXYZ\t11.00\tP\t\t
USGS\t01491000\t2026-06-05 07:00\tEDT\twater\tP\t\t
"""


class Nowhere:
    def place(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
        return None

    def knows(self, code: str, on: date) -> bool:  # noqa: ARG002
        return False


def parsed(data: bytes) -> Parsed:
    payload = Payload(data=data, name="iv", address="iv", digest="0" * 64, taken_at=NOW)
    (source,) = (s for s in DOMAIN.sources if s.detect(payload))
    assert source is SOURCE
    return source.parse(payload, Nowhere())


def test_a_real_answer_gives_gauges_and_readings_in_metres(shared_data: Path) -> None:
    found = parsed((shared_data / "exchange/usgs-water/waterservices_iv.txt").read_bytes())
    assert [r.key for r in found.records] == ["usgs-01491000", "usgs-01645000"]
    assert found.records[0].place == {"type": "Point", "coordinates": [-75.7858056, 38.99719444]}
    (batch,) = found.readings
    assert [s.id.partition(".usgs-")[2] for s in batch.series] == [
        "01491000.discharge_m3_s",
        "01491000.level_m",
        "01645000.discharge_m3_s",
        "01645000.level_m",
    ]
    first = {batch.series[row[0]].property: row for row in reversed(batch.rows[:10])}
    _, at, level, quality = first["level_m"]
    assert (round(level, 6), quality) == (round(6.48 * 0.3048, 6), GOOD)
    assert datetime.fromtimestamp(at / 1e6, UTC) == datetime(2019, 2, 14, 5, tzinfo=UTC)
    assert first["discharge_m3_s"][2] == pytest.approx(974 * 0.028316846592, abs=1e-5)
    assert found.problems == []


def test_the_list_of_sites_gives_the_same_gauges(shared_data: Path) -> None:
    found = parsed((shared_data / "exchange/usgs-water/waterservices_site.txt").read_bytes())
    assert [(r.key, r.body.basin) for r in found.records] == [
        ("usgs-01491000", "02060005"),
        ("usgs-01645000", "02070008"),
    ]
    assert found.readings == []


def test_a_mocked_answer_without_names_units_and_positions_costs_only_itself(
    shared_data: Path,
) -> None:
    found = parsed((shared_data / "exchange/usgs-water/nwis_iv_mock.json").read_bytes())
    assert len(found.records) == 2
    assert [p.code for p in found.problems] == ["nwis.unit", "nwis.unit"]


def test_rdb_values_have_zones_qualifiers_and_words_for_numbers() -> None:
    found = parsed(RDB.encode())
    (batch,) = found.readings
    assert [(round(row[2], 4), row[3]) for row in batch.rows] == [
        (3.048, 3),
        (3.3528, ESTIMATED),
    ]
    assert datetime.fromtimestamp(batch.rows[0][1] / 1e6, UTC) == datetime(
        2026, 6, 5, 10, tzinfo=UTC
    )
    assert [p.code for p in found.problems] == ["nwis.value", "nwis.value", "nwis.parameters"]


def test_a_gauge_that_is_iced_over_is_suspect_and_no_data_is_no_reading() -> None:
    series = {
        "sourceInfo": {"siteName": "X", "siteCode": [{"value": "1", "agencyCode": "USGS"}]},
        "variable": {
            "variableCode": [{"value": "00065"}],
            "unit": {"unitCode": "ft"},
            "noDataValue": -999999.0,
        },
        "values": [
            {
                "value": [
                    {"value": "1", "dateTime": "2026-06-05T00:00:00Z", "qualifiers": ["P", "Ice"]},
                    {"value": "-999999", "dateTime": "2026-06-05T01:00:00Z", "qualifiers": ["P"]},
                    {"value": "nan", "dateTime": "2026-06-05T02:00:00Z", "qualifiers": ["P"]},
                    {"value": "1", "dateTime": "2026-06-05T02:00:00", "qualifiers": ["P"]},
                ]
            }
        ],
    }
    found = parsed(json.dumps({"value": {"timeSeries": [series]}}).encode())
    assert [(row[2], row[3]) for row in found.readings[0].rows] == [(0.3048, SUSPECT)]
    assert [p.code for p in found.problems] == ["nwis.value", "nwis.value"]


def test_the_same_list_polled_again_on_a_day_is_one_statement() -> None:
    site = RDB.replace("agency_cd\tsite_no", "agency_cd\tsite_no\tstation_nm", 1)
    once = parsed(site.replace("USGS\t01491000", "USGS\t01491000\tCHOPTANK").encode())
    assert len({r.identity() for r in (*once.records, *once.records)}) == 1
    assert once.records[0].said_at == NOW.replace(hour=0)


@given(cut=st.integers(0, 400), flipped=st.integers(0, 400), byte=st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_broken_bytes_raise_nothing_but_data_errors(cut: int, flipped: int, byte: int) -> None:
    for whole in (RDB.encode(), b'{"value":{"timeSeries":[{"sourceInfo":{"siteCode":[]}}]}}'):
        data = bytearray(whole)
        data[flipped % len(data)] = byte
        try:
            nwis.decode(bytes(data[: max(1, len(data) - cut)]))
        except DataError:
            continue
