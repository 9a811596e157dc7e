"""Proof by software that nobody here wrote: ``python -m proof`` (``make proof``)."""
