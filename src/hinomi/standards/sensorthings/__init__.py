"""OGC SensorThings API Part 1: entities and relations as tables, observations as messages.

Version 1.1 is OGC 18-088, version 2.0 OGC 23-019: each is a :class:`Version`, a table.
"""

from hinomi.standards.sensorthings.messages import (
    DataArray,
    Observation,
    decode_arrays,
    decode_observation,
    encode_observation,
    interval_text,
    observation_id,
    split_observation_id,
    time_text,
)
from hinomi.standards.sensorthings.model import NONE, V1_1, Entity, Relation, Version, Words
from hinomi.standards.sensorthings.topics import Topic, parse_topic
from hinomi.standards.sensorthings.v2_0 import V2_0, csdl, edm_type, result_type

VERSIONS = (V1_1, V2_0)

__all__ = [
    "NONE", "V1_1", "V2_0", "VERSIONS", "DataArray", "Entity", "Observation", "Relation", "Topic",
    "Version", "Words", "csdl", "decode_arrays", "decode_observation", "edm_type",
    "encode_observation", "interval_text", "observation_id", "parse_topic", "result_type",
    "split_observation_id", "time_text",
]  # fmt: skip
