"""Municipal open data as CSV or GeoJSON: 推奨データセット / 自治体標準オープンデータセット.

Digital Agency, https://www.digital.go.jp/resources/open_data/municipal-standard-data-set-test; the
layouts of 指定緊急避難場所一覧 differ between their versions in the columns' names, and files come
with and without a byte-order mark, in Windows-31J, with full-width digits.
"""

from hinomi.standards.opendata_csv.decoder import Table, decode, header_of
from hinomi.standards.opendata_csv.features import names_of, read
from hinomi.standards.opendata_csv.values import flag, japanese_time, number, plain, time_in_name

__all__ = [
    "Table",
    "decode",
    "flag",
    "header_of",
    "japanese_time",
    "names_of",
    "number",
    "plain",
    "read",
    "time_in_name",
]
