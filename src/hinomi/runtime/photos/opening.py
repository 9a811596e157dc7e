"""Opening the photos' door for a web worker: on the first photo, not before."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hinomi.runtime.config import Config
    from hinomi.runtime.photos.door import Door
    from hinomi.runtime.service import Service


def opener(data: Path, service: Service, settings: Config) -> Callable[[], Door]:
    """Return what opens the door, once."""

    @cache
    def open_door() -> Door:
        # Imported here: most workers never get a photo.
        from hinomi.runtime.areas import StoreGazetteer  # noqa: PLC0415
        from hinomi.runtime.photos.door import Door  # noqa: PLC0415

        return Door(
            data,
            service=service,
            organisation=settings.organisation,
            gazetteer=StoreGazetteer(service.store),
            areas=settings.areas,
            settings=settings.photos,
        )

    return open_door
