"""Dams: a reservoir as data, its operation by rule, the best operation under the same limits.

Advice only: people operate. What is computed here knows nothing of gates that do not move, of the
people on the river's banks, or of what the dam's own rules say beyond the file that describes it.
"""
