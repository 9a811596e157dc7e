"""Where and when a photo was taken: what is taken for true, and what is told against it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hinomi.domains.response.photos.claims import Weighed, distance_m, weigh
from hinomi.domains.response.photos.collections import Claim
from hinomi.standards.exif import Exif, decode, encode

NOW = datetime(2026, 5, 28, 3, 30, tzinfo=UTC)
GROUND = {
    "type": "Polygon",
    "coordinates": [[[136.7, 37.2], [137.1, 37.2], [137.1, 37.5], [136.7, 37.5], [136.7, 37.2]]],
}
HERE = Exif(taken_at=NOW - timedelta(minutes=10), zone_stated=True, longitude=136.9, latitude=37.39)


def codes(found: Weighed) -> set[str]:
    return {finding.code for finding in found.findings}


def at(by: str, longitude: float, latitude: float, accuracy_m: float | None = None) -> Claim:
    return Claim(by=by, longitude=longitude, latitude=latitude, accuracy_m=accuracy_m)  # type: ignore[arg-type]


def test_a_photo_that_fits_is_believed_without_a_word() -> None:
    found = weigh(HERE, [at("device", 136.901, 37.391, 20)], NOW, [GROUND])
    assert (found.longitude, found.latitude, found.place_from) == (136.9, 37.39, "exif")
    assert (found.taken_at, found.taken_from) == (HERE.taken_at, "exif")
    assert found.findings == ()


@pytest.mark.parametrize(
    ("age", "code", "believed"),
    [
        (timedelta(days=-2), "photo.future", False),
        (timedelta(days=5), "photo.old", True),
        (timedelta(days=900), "photo.years-old", True),
    ],
)
def test_a_time_that_cannot_or_will_hardly_be_is_told(
    age: timedelta, code: str, *, believed: bool
) -> None:
    found = weigh(Exif(taken_at=NOW - age, zone_stated=True), [], NOW)
    assert code in codes(found)
    assert found.taken_from == ("exif" if believed else "received")


def test_the_finger_goes_before_the_photo_and_the_photo_before_the_telephone() -> None:
    tap, device = at("tap", 136.95, 37.4), at("device", 136.7, 37.2)
    found = weigh(HERE, [tap, device], NOW, [GROUND])
    assert (found.place_from, found.longitude) == ("tap", 136.95)
    assert sum(f.code == "photo.places-disagree" for f in found.findings) == 3
    assert weigh(Exif(), [device], NOW).place_from == "device"


def test_places_within_their_own_accuracy_do_not_disagree() -> None:
    found = weigh(HERE, [at("device", 136.93, 37.39, 3_000)], NOW)
    assert "photo.places-disagree" not in codes(found)


def test_a_place_far_from_the_area_or_outside_japan_is_told() -> None:
    tokyo = weigh(Exif(longitude=139.7, latitude=35.7), [], NOW, [GROUND])
    assert "photo.far-away" in codes(tokyo)
    assert (tokyo.longitude, tokyo.latitude) == (139.7, 35.7)
    swapped = weigh(Exif(longitude=37.39, latitude=89.0), [], NOW, [GROUND])
    assert "photo.not-in-japan" in codes(swapped)
    turned = weigh(Exif(longitude=37.39, latitude=45.0), [at("tap", 37.39, 136.9)], NOW)
    assert any("逆" in f.ja for f in turned.findings)


def test_clocks_that_disagree_are_told_and_a_guessed_zone_gives_way() -> None:
    guessed = Exif(taken_at=NOW - timedelta(hours=9), gps_at=NOW - timedelta(minutes=1))
    found = weigh(guessed, [], NOW)
    assert "photo.clocks-disagree" in codes(found)
    assert found.taken_at == guessed.gps_at


def test_nothing_known_is_told_and_the_arrival_stands_in() -> None:
    found = weigh(Exif(), [], NOW)
    assert codes(found) == {"photo.no-time", "photo.no-place"}
    assert (found.taken_at, found.taken_from, found.longitude) == (NOW, "received", None)
    told = weigh(Exif(), [Claim(by="device", at=NOW - timedelta(minutes=3))], NOW)
    assert told.taken_from == "device"


def test_what_exif_could_not_read_comes_along() -> None:
    found = weigh(decode(encode(Exif(longitude=0.0, latitude=0.0))), [], NOW)
    assert {"exif.null-island", "photo.no-place"} <= codes(found)


def test_a_degree_of_latitude_is_as_long_as_the_sphere_says() -> None:
    assert distance_m(at("tap", 137, 36), at("tap", 137, 37)) == pytest.approx(111_195, abs=1)
