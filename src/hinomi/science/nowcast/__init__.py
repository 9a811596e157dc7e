"""Rain nowcasts 0 to 60 minutes: motion of the rain, extrapolation, ensembles, probabilities."""

from __future__ import annotations

from hinomi.science.nowcast.advection import carried, extrapolate
from hinomi.science.nowcast.deterministic import deterministic
from hinomi.science.nowcast.ensembles import exceedance, steps_ensemble
from hinomi.science.nowcast.futures import futures
from hinomi.science.nowcast.motion import motion
from hinomi.science.nowcast.rain import Checked, bounded, check_frames, rain_rate
from hinomi.science.nowcast.verification import Verified, verify

__all__ = [
    "Checked",
    "Verified",
    "bounded",
    "carried",
    "check_frames",
    "deterministic",
    "exceedance",
    "extrapolate",
    "futures",
    "motion",
    "rain_rate",
    "steps_ensemble",
    "verify",
]
