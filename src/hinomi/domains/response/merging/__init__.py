"""Merging what several organisations say (論理統合): pure functions from statements to places.

``things``: what of a record is compared; ``blocking``: which pairs are worth it; ``weighing``: how
probable it is that a pair is one thing; ``grouping``: which statements are one place; ``showing``:
which value is shown, and where the sources disagree. The method: docs/reference/merging.md.
"""
