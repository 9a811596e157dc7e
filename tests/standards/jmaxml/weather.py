"""What the tests of weather bodies share."""

from __future__ import annotations

from hinomi.standards.jmaxml import meteorology
from hinomi.standards.jmaxml.leaves import Leaf

METEOROLOGY = "{http://xml.kishou.go.jp/jmaxml1/body/meteorology1/}"


def all_leaves(weather: meteorology.Weather) -> list[Leaf]:
    items = [i for s in weather.sections for info in s.infos for i in info.items]
    properties = [p for item in items for k in item.kinds for p in k.properties]
    return [leaf for p in properties for leaf in p.leaves] + weather.additions
