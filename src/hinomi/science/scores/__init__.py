"""How good a forecast was: categorical, neighbourhood, ensemble, probability, hydrographs."""

from __future__ import annotations

from hinomi.science.scores.categorical import Table, contingency, csi
from hinomi.science.scores.ensembles import crps
from hinomi.science.scores.neighbourhood import fss, fss_of_probability
from hinomi.science.scores.reliability import Reliability, brier, reliability
from hinomi.science.scores.series import Peak, kge, nse, peak, rmse

__all__ = [
    "Peak",
    "Reliability",
    "Table",
    "brier",
    "contingency",
    "crps",
    "csi",
    "fss",
    "fss_of_probability",
    "kge",
    "nse",
    "peak",
    "reliability",
    "rmse",
]
