"""``make audit``: known vulnerabilities of what is locked, by pip-audit and npm audit, or offline.

``ADVISORIES="PyPI.zip npm.zip" make audit`` reads advisories in OSV's form (its ``all.zip`` of an
ecosystem, a folder or a file of them; JSON, or YAML as in a clone of PyPA's own database), as they
are mirrored into a network without the internet.
Without it, pip-audit and npm audit ask theirs. What could not be checked is said, and is no
success: exit code 1 is a vulnerability, 3 an ecosystem for which no advisories were to be had.

References:
    OSV schema 1.6, "Evaluation", https://ossf.github.io/osv-schema/ (CC BY 4.0); Semantic
    Versioning 2.0.0, section 11; PEP 440 by the package ``packaging``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("run.txt", "nowcast.txt", "page.txt", "photos.txt", "dev.txt")
PIP_AUDIT = "pip-audit==2.9.0"
PATIENCE_S = 300
FOUND, NOT_CHECKED = 1, 3
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
_SEMVER = re.compile(r"^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$")


class Package(NamedTuple):
    """A locked package."""

    ecosystem: str
    name: str
    version: str


class Finding(NamedTuple):
    """A vulnerability of a locked package."""

    package: Package
    advisory: str
    text: str


def locked(root: Path = ROOT) -> set[Package]:
    """Return all packages that the lock files name."""
    found = set()
    for name in LOCKS:
        path = root / "requirements" / name
        if path.exists():
            pins = _PIN.findall(path.read_text(encoding="utf-8"))
            found |= {Package("PyPI", canonicalize_name(one), version) for one, version in pins}
    lock = root / "dashboard" / "package-lock.json"
    if lock.exists():
        for place, entry in json.loads(lock.read_bytes())["packages"].items():
            if place and "version" in entry and not entry.get("link"):
                name = entry.get("name") or place.rpartition("node_modules/")[2]
                found.add(Package("npm", name, entry["version"]))
    return found


def advisories(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield the advisories in files, folders and archives."""
    for path in paths:
        if path.is_dir():
            kinds = (path.rglob(f"*.{kind}") for kind in ("json", "yaml", "zip"))
            yield from advisories(sorted(one for kind in kinds for one in kind))
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith((".json", ".yaml")):
                        yield from _told_by(name, archive.read(name))
        else:
            yield from _told_by(path.name, path.read_bytes())


def _told_by(name: str, text: bytes) -> Iterator[dict[str, Any]]:
    """Yield the advisories of a file; what is in it and is none (a list of aliases) is not."""
    # It makes texts only, so a version that looks like a number stays one (and nothing is run).
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    told = yaml.load(text, loader) if name.endswith(".yaml") else json.loads(text)  # noqa: S506
    for one in told if isinstance(told, list) else [told]:
        if isinstance(one, dict) and "id" in one:
            yield one


def findings(packages: Iterable[Package], given: Iterable[dict[str, Any]]) -> tuple[
    list[Finding], dict[str, int]
]:  # fmt: skip
    """Return what is vulnerable, and how many advisories there were of each ecosystem."""
    by_name: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        by_name.setdefault((package.ecosystem, package.name), []).append(package)
    found, counts = [], dict.fromkeys(("PyPI", "npm"), 0)
    for advisory in given:
        ecosystems = {affected["package"]["ecosystem"] for affected in advisory.get("affected", ())
                      if "package" in affected}  # fmt: skip
        for name in ecosystems & counts.keys():
            counts[name] += 1
        if advisory.get("withdrawn"):
            continue
        for affected in advisory.get("affected", ()):
            about = affected.get("package", {})
            name, ecosystem = about.get("name", ""), about.get("ecosystem", "")
            name = canonicalize_name(name) if ecosystem == "PyPI" else name
            found += [
                Finding(package, advisory["id"], advisory.get("summary", ""))
                for package in by_name.get((ecosystem, name), ())
                if is_affected(package, affected)
            ]
    return sorted(set(found)), counts


def is_affected(package: Package, affected: dict[str, Any]) -> bool:
    """Tell whether a version is among those that an advisory names (OSV's evaluation)."""
    if package.version in affected.get("versions", ()):
        return True
    order = _pypi if package.ecosystem == "PyPI" else _npm
    return any(
        _within(order(package.version), one["events"], order)
        for one in affected.get("ranges", ())
        if one.get("type") in {"ECOSYSTEM", "SEMVER"}
    )


def _within(version: Any, events: list[dict[str, str]], order: Callable[[str], Any]) -> bool:
    if version is None:
        return True  # It cannot be told: a person must look.
    inside = False
    told = [(kind, text) for event in events for kind, text in event.items()]
    dated = [(order("0" if text == "0" else text), kind, text) for kind, text in told]
    for at, kind, text in sorted(
        (one for one in dated if one[0] is not None), key=lambda one: one[0]
    ):
        if kind == "introduced" and (text == "0" or version >= at):
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside


def _pypi(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _npm(text: str) -> tuple[Any, ...] | None:
    match = _SEMVER.match("0.0.0-0" if text == "0" else text)
    if match is None:
        return None
    *numbers, before = match.groups()
    if before is None:
        return (*map(int, numbers), 1, ())
    # Numbers before words, and among themselves by their value (section 11.4).
    parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in before.split("."))
    return (*map(int, numbers), 0, parts)


def pip_audit(root: Path = ROOT) -> tuple[list[Finding], str]:
    """Return what pip-audit finds, and why it could not look (empty: it did)."""
    found: list[Finding] = []
    skipped: list[str] = []
    for name in LOCKS:
        words = ["tool", "run", "--from", PIP_AUDIT, "pip-audit", "--disable-pip",
                 "--format", "json", "--progress-spinner", "off",
                 "-r", str(root / "requirements" / name)]  # fmt: skip
        told, error = _told([str(Path(sys.executable).with_name("uv")), *words], root)
        if told is None or "dependencies" not in told:
            return found, error or "no answer"
        # It calls what it could not look up "no known vulnerabilities".
        skipped += [one["skip_reason"] for one in told["dependencies"] if "skip_reason" in one]
        for one in told["dependencies"]:
            package = Package("PyPI", canonicalize_name(one["name"]), one.get("version", ""))
            found += [Finding(package, v["id"], v.get("description", ""))
                      for v in one.get("vulns", ())]  # fmt: skip
    why = f"{len(skipped)} packages skipped: {skipped[0]}" if skipped else ""
    return sorted(set(found)), why


def npm_audit(root: Path = ROOT) -> tuple[list[Finding], str]:
    """Return what npm audit finds, and why it could not look (empty: it did)."""
    told, error = _told(["npm", "audit", "--json"], root / "dashboard")
    if told is None or "vulnerabilities" not in told:
        words = "" if told is None else str(told.get("message") or told.get("error") or "")
        return [], words or error or "no answer"
    found = [
        Finding(Package("npm", name, str(one.get("range", ""))), str(way.get("url", way["source"])),
                str(way.get("title", "")))
        for name, one in told["vulnerabilities"].items() for way in one["via"]
        if isinstance(way, dict)
    ]  # fmt: skip
    return sorted(set(found)), ""


def _told(command: list[str], folder: Path) -> tuple[dict[str, Any] | None, str]:
    """Return what a program answers as JSON, or its last line of complaint."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    last = done.stderr.strip().splitlines()[-1:] or [""]
    try:
        told = json.loads(done.stdout)
    except json.JSONDecodeError:
        return None, last[0]
    return (told if isinstance(told, dict) else None), last[0]


def main(words: list[str] | None = None) -> int:
    """Check, and tell."""
    parser = argparse.ArgumentParser(description="Known vulnerabilities of what is locked.")
    parser.add_argument("advisories", nargs="*", type=Path, help="OSV files, folders or archives")
    given = parser.parse_args(words)
    packages = locked()
    sizes = {name: sum(p.ecosystem == name for p in packages) for name in ("PyPI", "npm")}
    if given.advisories:
        found, counts = findings(packages, advisories(given.advisories))
        why = {name: "" if count else "no advisories of it in what was given"
               for name, count in counts.items()}  # fmt: skip
        source = {name: f"{count:,} advisories given" for name, count in counts.items()}
    else:
        (one, why_pypi), (two, why_npm) = pip_audit(), npm_audit()
        found, why = [*one, *two], {"PyPI": why_pypi, "npm": why_npm}
        source = {"PyPI": "pip-audit", "npm": "npm audit"}
    for name, error in why.items():
        state = f"NOT CHECKED: {error}" if error else f"checked by {source[name]}"
        print(f"{name}: {sizes[name]} packages, {state}")
    for finding in found:
        package = finding.package
        print(f"{package.ecosystem} {package.name} {package.version}: {finding.advisory}"
              f" {finding.text}".rstrip()[:200])  # fmt: skip
    missing = [name for name, error in why.items() if error]
    if missing:
        print(
            f"No advisory data for {', '.join(missing)}: give a mirror, ADVISORIES=... make audit"
        )
    print(f"vulnerabilities {len(found)}, ecosystems not checked {len(missing)}")
    return FOUND if found else NOT_CHECKED if missing else 0


if __name__ == "__main__":
    sys.exit(main())
