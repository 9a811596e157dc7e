"""``make audit``: what is vulnerable is found, and what was not checked is said."""

from __future__ import annotations

import importlib.util
import json
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hinomi_audit", ROOT / "deploy" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hinomi_audit"] = module
    spec.loader.exec_module(module)
    return module


def advisory(ecosystem: str, name: str, *events: dict[str, str], **more: Any) -> dict[str, Any]:
    kind = "ECOSYSTEM" if ecosystem == "PyPI" else "SEMVER"
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": kind, "events": list(events)}],
        "versions": more.pop("versions", []),
    }
    return {"id": "X-1", "summary": "bad", "affected": [affected], **more}


def test_every_locked_package_is_read(audit: ModuleType) -> None:
    packages = audit.locked()
    pinned = {
        line.split("==")[0].split("[")[0].lower()
        for line in (ROOT / "requirements" / "run.txt").read_text().splitlines()
        if "==" in line and not line.startswith(("#", " "))
    }
    assert {name.replace("_", "-") for name in pinned} <= {p.name for p in packages}
    assert {p.name for p in packages if p.ecosystem == "npm"} >= {"vite", "maplibre-gl"}


@pytest.mark.parametrize(
    ("version", "is_vulnerable"),
    [("1.0", False), ("1.1", True), ("1.4.9", True), ("1.5", False), ("2.0rc1", True),
     ("2.0", True), ("2.3", True), ("2.4", False)],
)  # fmt: skip
def test_versions_are_ordered_as_python_orders_them(
    audit: ModuleType, version: str, *, is_vulnerable: bool
) -> None:
    events = [{"introduced": "1.1"}, {"fixed": "1.5"}, {"introduced": "2.0rc1"},
              {"last_affected": "2.3"}]  # fmt: skip
    given = [advisory("PyPI", "Some_Package", *events)]
    package = audit.Package("PyPI", "some-package", version)
    found, counts = audit.findings([package], given)
    assert bool(found) is is_vulnerable
    assert counts == {"PyPI": 1, "npm": 0}


def test_npm_orders_as_semantic_versioning_does(audit: ModuleType) -> None:
    """The order is section 11's own example."""
    order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
             "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"]  # fmt: skip
    assert sorted([*order[3:], *order[:3]], key=audit._npm) == order
    given = advisory("npm", "vite", {"introduced": "0"}, {"fixed": "1.0.0-beta.11"})
    for version in order:
        package = audit.Package("npm", "vite", version)
        found, _ = audit.findings([package], [given])
        assert bool(found) is (order.index(version) < 5)


def test_a_named_version_counts_and_a_withdrawn_advisory_does_not(audit: ModuleType) -> None:
    package = audit.Package("PyPI", "a", "1.0")
    named = advisory("PyPI", "a", versions=["1.0"])
    assert audit.findings([package], [named])[0]
    assert not audit.findings([package], [{**named, "withdrawn": "2026-01-01T00:00:00Z"}])[0]
    assert not audit.findings([package], [advisory("npm", "a", {"introduced": "0"})])[0]


def test_a_mirrors_files_are_read_whatever_their_form(
    audit: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The archive as OSV gives it, a folder, a list; an ecosystem without any is no success."""
    msgspec = next(p for p in audit.locked() if p.name == "msgspec")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("X.json", json.dumps(advisory("PyPI", "other", {"introduced": "0"})))
    assert audit.main([str(tmp_path / "all.zip")]) == audit.NOT_CHECKED
    assert "npm: " in capsys.readouterr().out
    listed = tmp_path / "folder" / "list.json"
    listed.parent.mkdir()
    listed.write_text(json.dumps([advisory("npm", "other", {"introduced": "0"})]))
    assert audit.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("vulnerabilities 0, ecosystems not checked 0\n")
    bad = advisory("PyPI", "msgspec", {"introduced": msgspec.version})
    (tmp_path / "bad.json").write_text(json.dumps(bad))
    assert audit.main([str(tmp_path)]) == audit.FOUND
    assert f"PyPI msgspec {msgspec.version}: X-1 bad" in capsys.readouterr().out


def test_where_no_database_answers_nothing_is_called_checked(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "_told", lambda *_: (None, "connection refused"))
    assert audit.main([]) == audit.NOT_CHECKED
    told = capsys.readouterr().out
    assert told.count("NOT CHECKED: connection refused") == 2
    assert told.endswith("vulnerabilities 0, ecosystems not checked 2\n")


def test_what_pip_audit_skips_is_not_checked(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It exits 0 with "No known vulnerabilities found" where no database knows the package."""
    told = {"dependencies": [{"name": "a", "skip_reason": "Dependency not found on PyPI"}]}
    monkeypatch.setattr(audit, "_told", lambda *_: (told, ""))
    found, why = audit.pip_audit()
    assert found == []
    assert why == f"{len(audit.LOCKS)} packages skipped: Dependency not found on PyPI"


def test_what_pip_audit_and_npm_audit_find_is_told(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers in the forms that both document."""
    pip = {"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}]}
    npm = {"vulnerabilities": {"vite": {"range": "<9", "via": [
        "other", {"source": 7, "url": "https://x", "title": "bad"}]}}}  # fmt: skip
    monkeypatch.setattr(audit, "_told", lambda words, _: (npm if words[0] == "npm" else pip, ""))
    assert [f.advisory for f in audit.pip_audit()[0]] == ["PYSEC-1"]
    assert [(f.package.name, f.advisory) for f in audit.npm_audit()[0]] == [("vite", "https://x")]
    assert audit.main([]) == audit.FOUND


PYSEC = """\
id: PYSEC-0000-{number}
modified: 2024-02-17T07:18:27.688636Z
aliases:
- CVE-0000-{number}
details: Two lines of
  text.
affected:
- package:
    ecosystem: PyPI
    name: {name}
    purl: pkg:pypi/{name}
  ranges:
  - type: GIT
    events:
    - introduced: "0"
    - fixed: f09c261ca10a31fe41b1262306db7f8f1da0e48a
    repo: https://example.org/repository
  - type: ECOSYSTEM
    events:
    - introduced: "3.1"
    - fixed: {fixed}
  versions:
  - "3.1"
  - 3.1.1
severity:
- type: CVSS_V3
  score: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H
references:
- type: FIX
  url: https://example.org/1
"""
"""As PyPA's database writes one (https://github.com/pypa/advisory-database, vulns/): YAML, commits
beside versions, versions that look like numbers."""


def test_a_clone_of_pypas_database_is_read(audit: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "vulns" / "cryptography"
    folder.mkdir(parents=True)
    for number, fixed in enumerate(("3.10", "9999")):
        text = PYSEC.format(number=number, name="cryptography", fixed=fixed)
        (folder / f"PYSEC-0000-{number}.yaml").write_text(text)
    (tmp_path / "aliases.yaml").write_text("CVE-0000-1: PYSEC-0000-1\n")
    given = list(audit.advisories([tmp_path]))
    assert len(given) == 2
    versions = {v: audit.Package("PyPI", "cryptography", v) for v in ("3.1", "3.9", "3.10", "3.0")}
    found, counts = audit.findings(versions.values(), given)
    assert counts == {"PyPI": 2, "npm": 0}
    told = {(f.package.version, f.advisory[-1]) for f in found}
    assert told == {("3.1", "0"), ("3.1", "1"), ("3.9", "0"), ("3.9", "1"), ("3.10", "1")}
