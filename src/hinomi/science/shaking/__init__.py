"""Shaking: instrumental intensity from waveforms, and shaking predicted from a quake (震度)."""
