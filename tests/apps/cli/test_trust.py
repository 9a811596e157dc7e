"""``hinomi verify``, ``log`` and ``audit``, as people use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hinomi.runtime.audit import Audit
from hinomi.runtime.translog.trust import Trust

SAMPLE = Path(__file__).resolve().parents[3] / "docs" / "samples" / "shelters.csv"


@pytest.fixture
def town(data: Path, hinomi: Any, tmp_path: Path) -> Path:
    """A folder with a shelter, and a package of it that was published."""
    table = tmp_path / "hinanjo.csv"
    table.write_text(
        "名称,住所,緯度,経度,想定収容人数\n中央小学校,石川県七尾市,37.04,136.96,300\n",
        encoding="utf-8",
    )
    hinomi("ingest", table)
    package = tmp_path / "package.zip"
    package.write_bytes(b"as it was sent")
    trust = Trust(data)
    trust.publish("package", package.read_bytes(), "package.zip")
    trust.close()
    return package


def test_a_file_is_verified_by_the_log_and_by_its_receipt_alone(
    town: Path, hinomi: Any, tmp_path: Path
) -> None:
    assert hinomi("verify", town).code == 0
    receipt = tmp_path / "package.receipt"
    assert hinomi("log", "receipt", town, "--out", receipt).code == 0
    key = hinomi("peer", "key").out.strip()
    elsewhere = ("--data", tmp_path / "elsewhere")
    told = hinomi("verify", town, "--receipt", receipt, "--key", key, *elsewhere)
    assert (told.code, "Ed25519 + ML-DSA-65" in told.out) == (0, True)
    town.write_bytes(b"as it was changed")
    told = hinomi("verify", town, "--receipt", receipt, "--key", key, *elsewhere)
    assert (told.code, "SHA-256 differs" in told.err) == (3, True)
    told = hinomi("verify", town)
    assert (told.code, "changed on the way" in told.err, str(town) in told.err) == (4, True, True)
    other = hinomi("peer", "key", *elsewhere).out.strip()
    assert hinomi("verify", town, "--receipt", receipt, "--key", other, *elsewhere).code == 3


def test_what_a_command_writes_for_others_is_in_the_log(
    town: Path, hinomi: Any, tmp_path: Path
) -> None:
    package, feed = tmp_path / "sites.zip", tmp_path / "alerts.xml"
    hinomi("ingest", SAMPLE)
    assert hinomi("sip4d", "write", "response.sites", "--out", package).code == 0
    assert hinomi("cap", "write", "feed", "--out", feed).code == 0
    for written in (package, feed):
        assert hinomi("verify", written).code == 0
    package.write_bytes(package.read_bytes() + b" ")
    assert hinomi("verify", package).code == 4
    assert town.exists()


def test_an_exported_log_is_verified_elsewhere(town: Path, hinomi: Any, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    assert hinomi("log", "export", file).code == 0
    key = hinomi("peer", "key").out.strip()
    elsewhere = ("--data", tmp_path / "elsewhere")
    assert hinomi("verify", file, "--key", key, *elsewhere).code == 0
    file.write_bytes(file.read_bytes().replace(b"package.zip", b"another.zip"))
    assert hinomi("verify", file, "--key", key, *elsewhere).code == 3
    assert hinomi("verify", "log").code == 0
    assert town.exists()


def test_a_record_is_verified_by_its_content(town: Path, hinomi: Any) -> None:
    found = hinomi("find", "operations.payloads", "--status", "any", "--json").json()
    record = found["features"][0]["properties"]["record"]
    told = hinomi("verify", record)
    assert (told.code, "has this id" in told.out) == (0, True)
    assert hinomi("verify", "0" * 32).code == 4
    assert town.exists()


def test_keys_are_rotated_and_revoked(town: Path, hinomi: Any) -> None:
    (old,) = hinomi("log", "status", "--json").json()["keys"]
    assert hinomi("log", "rotate").code == 0
    assert hinomi("log", "revoke", old["key"], "--reason", "lost").code == 0
    keys = hinomi("log", "status", "--json").json()["keys"]
    assert [bool(k.get("revoked_at")) for k in keys] == [False, True]
    assert hinomi("verify", town).code == 0
    assert hinomi("log", "revoke", "0" * 16, "--reason", "lost").code == 4


def test_commands_are_written_down_with_who_ran_them(
    town: Path, hinomi: Any, data: Path, tmp_path: Path
) -> None:
    hinomi("key", "create", "suzuki", "--clearance", "GREEN")
    hinomi("find", "response.shelters", "--as", "suzuki")
    found = hinomi("audit", "find", "--verb", "ran", "--json").json()
    told = [(f["event"]["who"], f["event"]["what"]) for f in found]
    assert ("suzuki", "find response.shelters") in told
    assert ("operator", "key create suzuki") in told
    assert (
        hinomi("audit", "find", "--who", "suzuki", "--json").json()[0]["event"]["how"] == "command"
    )
    assert hinomi("audit", "find", "--as", "suzuki").code == 3
    file = tmp_path / "audit.jsonl"
    assert hinomi("audit", "export", file).code == 0
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {"ran"} == {line["audit"]["verb"] for line in lines}
    audit = Audit(data)
    assert audit.log.check() == []
    audit.close()
    assert town.exists()


def test_the_policy_is_shown_checked_and_explained(town: Path, hinomi: Any, tmp_path: Path) -> None:
    assert "town-officer" in hinomi("policy", "show").out
    hinomi("key", "create", "--person", "suzuki", "--role", "analyst")
    found = hinomi("find", "operations.payloads", "--status", "any", "--json").json()
    record = found["features"][0]["properties"]["record"]
    told = hinomi("policy", "why", "suzuki", record)
    assert (told.code, "suzuki does not see operations.payloads" in told.out) == (0, True)
    assert "✗ audience" in told.out
    (row,) = [line for line in hinomi("key", "list").out.splitlines() if "suzuki" in line]
    assert "GREEN" in row, "what the role gives, not the ceiling above it"
    assert hinomi("policy", "why", "operator", record, "--json").json()["why"]["sees"] is True
    assert hinomi("policy", "why", "suzuki", record, "--as", "suzuki").code == 3
    file = tmp_path / "policy.toml"
    file.write_text(
        'version = "1"\n[roles]\n[personal."no.such"]\nfields = ["x"]\n', encoding="utf-8"
    )
    assert hinomi("policy", "check", file).code == 5
    assert hinomi("key", "create", "x", "--role", "emperor").code == 4
    assert town.exists()
