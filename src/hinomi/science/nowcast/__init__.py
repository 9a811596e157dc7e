"""Rain nowcasts 0 to 60 minutes: motion of the rain, extrapolation, ensembles, probabilities."""

from __future__ import annotations

from hinomi.science.nowcast.advection import extrapolate
from hinomi.science.nowcast.ensembles import exceedance, steps_ensemble
from hinomi.science.nowcast.motion import motion
from hinomi.science.nowcast.rain import Checked, check_frames, rain_rate
from hinomi.science.nowcast.verification import Verified, verify

__all__ = [
    "Checked",
    "Verified",
    "check_frames",
    "exceedance",
    "extrapolate",
    "motion",
    "rain_rate",
    "steps_ensemble",
    "verify",
]
