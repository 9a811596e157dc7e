"""The two verdicts on a package."""

from __future__ import annotations

from typing import IO

import msgspec

from hinomi.kernel.errors import DataError, Problem
from hinomi.standards.sip4d.archive import Limits
from hinomi.standards.sip4d.codes import CODES
from hinomi.standards.sip4d.package import open_package
from hinomi.standards.sip4d.plausible import Ground
from hinomi.standards.sip4d.rules import Rulebook


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. ``counts`` counts all findings; of each code some are listed."""

    conforms: bool
    """The standard's rules hold."""
    plausible: bool
    """It can be true, as far as we can tell."""
    version: str = ""
    code: str = ""
    title: str = ""
    features: int = 0
    counts: dict[str, int] = {}
    problems: tuple[Problem, ...] = ()


def check(
    data: bytes | IO[bytes],
    *,
    ground: Ground | None = None,
    rulebook: Rulebook | None = None,
    limits: Limits | None = None,
) -> Verdict:
    """Return both verdicts; memory does not grow with the number of features."""
    try:
        package = open_package(data, rulebook=rulebook, limits=limits)
    except DataError as error:
        return _unreadable(error)
    # Known to the standard's rules too; the place is the package's own.
    features = 0
    package.marking()
    if package.checked:
        for layer in package.layers:
            for _ in layer.features(ground):
                pass
            features += layer.count
    findings = package.findings
    return Verdict(
        conforms=not findings.breaks("conforms"),
        plausible=not findings.breaks("plausible"),
        version=str(package.metadata.get("version", "")),
        code=package.code,
        title=package.title,
        features=features,
        counts=findings.counts,
        problems=tuple(findings.problems),
    )


def _unreadable(error: DataError) -> Verdict:
    counts: dict[str, int] = {}
    for problem in error.problems:
        code = problem.code.removeprefix("sip4d.")
        counts[code] = counts.get(code, 0) + 1
    plausible = not any(CODES[code].breaks in ("plausible", "both") for code in counts)
    return Verdict(
        conforms=False, plausible=plausible, counts=counts, problems=tuple(error.problems)
    )
