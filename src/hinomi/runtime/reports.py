"""Reports of an installation: the shipped templates and the town's own, filled for a reader.

A town's templates are the files ``templates/NAME.toml`` of the data folder. One that has the name
of a shipped template stands in its place; others are reports of the town's own.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from hinomi.domains.response.share import reports
from hinomi.domains.response.share.reports import DEFAULTS, FORMATS, Template
from hinomi.kernel.errors import DataError, HinomiError, InputError, MissingError, Text
from hinomi.kernel.reader import Reader
from hinomi.standards.paper import write_html

FOLDER = "templates"
"""In the data folder; back-ups hold it too."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One report that can be made, or the fault in its template for which it cannot."""

    name: str
    title: Text
    own: bool
    """Its template is the town's."""
    fault: Text | None = None


class Reports:
    """The reports of a data folder; without a folder the shipped ones alone."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def offers(self) -> list[Offer]:
        """Return all reports: the shipped names first, then the town's own."""
        own = self._own()
        names = (*DEFAULTS, *(name for name in own if name not in DEFAULTS))
        return [self._offer(name, own=name in own) for name in names]

    def template(self, name: str) -> Template:
        """Return a template, the town's before the shipped one.

        Raises:
            MissingError: there is none of that name.
            DataError: the town's is faulty; every fault is told.
        """
        return reports.parse_template(self.text(name), f"{name}.toml")

    def text(self, name: str) -> str:
        """Return a template's file as it is.

        Raises:
            MissingError: there is none of that name.
            InputError: the file cannot be read.
        """
        own = self._own()
        if name in own:
            try:
                return own[name].read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(
                    f"{own[name]}: {error}", f"テンプレート{own[name]}を読めません: {error}"
                ) from None
        if name not in DEFAULTS:
            raise MissingError(Text("報告", "report"), name, (*DEFAULTS, *own))
        return reports.default_text(name)

    def make(  # noqa: PLR0913  (what a report depends on)
        self,
        reader: Reader,
        name: str,
        form: str,
        *,
        now: datetime,
        as_of: datetime | int | None = None,
        language: str = "ja",
        area: str = "",
        base: str = "",
        style: str = "",
    ) -> bytes:
        """Return a report's bytes.

        Args:
            reader: the caller's, already at the moment asked for.
            name: of the template.
            form: one of :data:`FORMATS`.
            now: the clock's time: what the head of a report of now says.
            as_of: the moment asked for, for the head.
            language: ``ja`` or ``en``.
            area: a prefecture's 2 or a municipality's 7 digits.
            base: address of the server, for links.
            style: address of the style sheet, for a page of a server.

        Raises:
            InputError: the format or the area is none.
            MissingError: no such report.
            DataError: the town's template is faulty.
            UnavailableError: the packages for the format are not installed.
        """
        if form not in FORMATS:
            listed = ", ".join(FORMATS)
            raise InputError(f"f={form!r}: expected {listed}.", f"f={form!r}: {listed}のいずれか。")
        document = reports.build(
            reader,
            self.template(name),
            moment=_moment(reader, now, as_of),
            language=language,
            area=area,
        )
        if form == "html":
            return write_html(document, base, style=style)
        return reports.write(document, form, base)

    def _own(self) -> dict[str, Path]:
        if self._folder is None or not self._folder.is_dir():
            return {}
        found = {}
        for path in sorted(self._folder.glob("*.toml")):
            try:
                found[reports.check_name(path.stem)] = path
            except InputError:
                continue  # A back-up copy of an editor (situation~.toml) is no report.
        return found

    def _offer(self, name: str, *, own: bool) -> Offer:
        try:
            return Offer(name=name, title=self.template(name).called(), own=own)
        except HinomiError as error:
            return Offer(name=name, title=Text(name, name), own=own, fault=_told(error))


def _told(error: HinomiError) -> Text:
    if isinstance(error, DataError):
        lines = [(f"{p.path}: {p.text.ja}", f"{p.path}: {p.text.en}") for p in error.problems]
        return Text("\n".join(ja for ja, _ in lines), "\n".join(en for _, en in lines))
    return error.text


def _moment(reader: Reader, now: datetime, as_of: datetime | int | None) -> datetime:
    """Return the moment that a report tells of, for its head."""
    if as_of is None:
        return now
    return min(as_of, now) if isinstance(as_of, datetime) else reports.moment_of(reader)
