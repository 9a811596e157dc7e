"""Accelerograms as Japan's networks publish them: JMA's CSV and NIED's K-NET ASCII."""

from __future__ import annotations

from hinomi.standards.accelerograms.jma import decode as decode_jma
from hinomi.standards.accelerograms.knet import decode as decode_knet
from hinomi.standards.accelerograms.waveform import Waveform

__all__ = ["Waveform", "decode_jma", "decode_knet"]
