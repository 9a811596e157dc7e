"""GSI's designated evacuation sites and shelters: GeoJSON, one file per municipality.

https://www.gsi.go.jp/bousaichiri/hinanbasho.html; property names are GSI's. 指定緊急避難場所
(sites) carry the eight kinds of disaster of the law, 指定避難所 (shelters) whom they take in.
"""

from hinomi.standards.gsi_shelters.decoder import File, Row, decode, kind_of

__all__ = ["File", "Row", "decode", "kind_of"]
