"""Municipality boundaries as GeoJSON: 国土数値情報 N03 of MLIT, and files like it.

https://nlftp.mlit.go.jp/ksj/gml/datalist/KsjTmplt-N03-v3_1.html defines N03: N03_001 prefecture,
N03_003 county or designated city, N03_004 municipality or ward, N03_007 JIS code (5 digits). Since
2024 (v3.2) N03_004 is the municipality and N03_005 the ward.
"""

from hinomi.standards.n03.decoder import Boundary, Names, decode, edition_of

__all__ = ["Boundary", "Names", "decode", "edition_of"]
