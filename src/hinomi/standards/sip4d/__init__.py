"""SIP4D-ZIP (JSA-S1016:2023): packages read, judged, normalised, compared and written.

Rules are data, a file a version (``rules/``). Two verdicts stand side by side: *conforms* is the
standard's, *plausible* is ours; ``codes.py`` lists every finding of both.
"""

from hinomi.standards.sip4d.check import Verdict, check
from hinomi.standards.sip4d.compare import Difference, differences
from hinomi.standards.sip4d.markings import flags_of, marking_of
from hinomi.standards.sip4d.package import META, Feature, Layer, Package, is_package, open_package
from hinomi.standards.sip4d.plausible import Ground
from hinomi.standards.sip4d.rules import Rulebook, Rules, default_rules
from hinomi.standards.sip4d.write import Content, LayerContent, write_package

__all__ = [
    "META",
    "Content",
    "Difference",
    "Feature",
    "Ground",
    "Layer",
    "LayerContent",
    "Package",
    "Rulebook",
    "Rules",
    "Verdict",
    "check",
    "default_rules",
    "differences",
    "flags_of",
    "is_package",
    "marking_of",
    "open_package",
    "write_package",
]
