"""Hinomi, the fire watchtower: observe, predict, respond, share."""

__version__ = "0.1.0"
