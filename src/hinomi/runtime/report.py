"""The report of an ingest: what was read, what was new, what was refused and why."""

from __future__ import annotations

from collections import Counter

import msgspec

from hinomi.kernel.errors import Problem
from hinomi.kernel.store import Put
from hinomi.runtime.operations import Outcome
from hinomi.runtime.reading import Read
from hinomi.vocabulary.walked import Walked

MAX_FINDINGS = 1000


class Tally(msgspec.Struct, kw_only=True):
    """Counts over one source or one file; records and readings are what payloads stated."""

    payloads: int = 0
    repeated: int = 0
    """Payloads whose bytes had come from the same address before; not read again."""
    understood: int = 0
    partly: int = 0
    unknown: int = 0
    refused: int = 0
    fault: int = 0
    records: int = 0
    readings: int = 0
    kinds: dict[str, int] = {}

    def add(self, outcome: Outcome, kind: str) -> None:
        """Count one payload."""
        self.payloads += 1
        setattr(self, outcome, getattr(self, outcome) + 1)
        if kind:
            self.kinds[kind] = self.kinds.get(kind, 0) + 1


class Finding(msgspec.Struct, frozen=True):
    """A problem and the payload that it is about."""

    address: str
    problem: Problem


class Report(msgspec.Struct, kw_only=True):
    """What one ingest or replay did."""

    sources: dict[str, Tally] = {}
    files: dict[str, Tally] = {}
    collections: dict[str, int] = {}
    """Records stated for each collection."""
    records_new: int = 0
    records_known: int = 0
    readings_new: int = 0
    readings_known: int = 0
    size_bytes: int = 0
    position: int = 0
    findings: list[Finding] = []
    """Refusals and alarms, the first thousand."""
    findings_in_all: int = 0

    @property
    def exit_code(self) -> int:
        """Return 1 for a fault of ours, 5 when something was refused, 0 otherwise."""
        tallies = self.sources.values()
        if any(t.fault for t in tallies):
            return 1
        return 5 if any(t.refused or t.partly for t in tallies) else 0

    def note(self, address: str, problem: Problem) -> None:
        """Keep a refusal or an alarm for the reader of the report."""
        if problem.grade == "note":
            return
        self.findings_in_all += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(address, problem))

    def count(self, read: Read) -> None:
        """Count one payload by its outcome and keep its findings."""
        for tally in self._tallies(read.source_id, read.file):
            tally.add(read.outcome, read.parsed.kind)
            tally.records += len(read.parsed.records)
            tally.readings += read.reading_count
        records = read.parsed.records
        counts = (
            records.counts
            if isinstance(records, Walked)
            else Counter(record.collection for record in records)
        )
        for collection, count in counts.items():
            self.collections[collection] = self.collections.get(collection, 0) + count
        self.size_bytes += len(read.payload.data)
        for problem in read.parsed.problems:
            self.note(read.payload.address, problem)

    def count_repeated(self, source_id: str, file: str) -> None:
        """Count a payload whose bytes came from the same address before."""
        for tally in self._tallies(source_id, file):
            tally.payloads += 1
            tally.repeated += 1

    def add(self, put: Put) -> None:
        """Count what one transaction appended."""
        self.records_new += put.new
        self.records_known += put.known
        self.readings_new += put.readings_new
        self.readings_known += put.readings_known
        self.position = put.position

    def _tallies(self, source_id: str, file: str) -> tuple[Tally, Tally]:
        return (
            self.sources.setdefault(source_id, Tally()),
            self.files.setdefault(file, Tally()),
        )
