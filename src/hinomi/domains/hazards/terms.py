"""The terms under which JMA's telegrams may be used, and where their format is defined."""

from __future__ import annotations

LICENCE = "公共データ利用規約（第1.0版）／CC BY 4.0, 気象庁 https://www.jma.go.jp/jma/kishou/info/coment.html"
REFERENCE = "https://xml.kishou.go.jp/tec_material.html"
