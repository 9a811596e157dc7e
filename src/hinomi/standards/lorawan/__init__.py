"""Uplinks as LoRaWAN network servers send them: ChirpStack v4 and The Things Stack v3, as JSON.

References: https://www.chirpstack.io/docs/chirpstack/integrations/events.html (event "up", JSON
marshaler) and https://www.thethingsindustries.com/docs/integrations/data-formats/ (uplink message).
"""

from hinomi.standards.lorawan.decoder import Uplink, decode_chirpstack, decode_tts
from hinomi.standards.lorawan.payloads import Field, PayloadDecoder, decode_payload

__all__ = [
    "Field", "PayloadDecoder", "Uplink", "decode_chirpstack", "decode_payload", "decode_tts",
]  # fmt: skip
