"""Files that the app serves as they are, read into memory once: no path can leave the folder."""

from __future__ import annotations

import mimetypes
from hashlib import blake2b
from pathlib import Path

from hinomi.apps.web.http import HTML, Answer

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
          ".html": HTML, ".json": "application/json", ".svg": "image/svg+xml",
          ".woff2": "font/woff2", ".mjs": "text/javascript; charset=utf-8"}  # fmt: skip


class Files:
    """All files below a folder; none where the folder is not there (the page is not built)."""

    def __init__(self, folder: Path) -> None:
        self._answers: dict[tuple[str, ...], Answer] = {}
        if folder.is_dir():
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    parts = path.relative_to(folder).parts
                    self._answers[parts] = _answer(path, parts)

    def find(self, segments: tuple[str, ...]) -> Answer | None:
        """Return the file of this path, or None."""
        return self._answers.get(segments)


def _answer(path: Path, parts: tuple[str, ...]) -> Answer:
    data = path.read_bytes()
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Answer(
        body=data,
        media_type=_TYPES.get(path.suffix, guessed),
        etag=blake2b(data, digest_size=12).hexdigest(),
        # Vite writes a hash of the content into the names below assets/.
        fixed=parts[0] == "assets",
    )
