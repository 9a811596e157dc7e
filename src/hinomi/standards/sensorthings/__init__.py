"""OGC SensorThings API Part 1: entities and relations as tables, observations as messages.

Version 1.1 is OGC 18-088. Version 2.0 (OGC 23-019) is to be added as another :class:`Version`.
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
from hinomi.standards.sensorthings.model import V1_1, Entity, Relation, Version
from hinomi.standards.sensorthings.topics import Topic, parse_topic

__all__ = [
    "V1_1", "DataArray", "Entity", "Observation", "Relation", "Topic", "Version", "decode_arrays",
    "decode_observation", "encode_observation", "interval_text", "observation_id", "parse_topic",
    "split_observation_id", "time_text",
]  # fmt: skip
