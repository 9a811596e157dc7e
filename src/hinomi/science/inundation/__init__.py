"""Inundation: water over land, from rain, rivers and breaches (浸水・氾濫)."""
