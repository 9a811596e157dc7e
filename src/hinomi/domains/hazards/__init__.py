"""Hazards: warnings, quakes, tsunami, volcanoes, typhoons, floods, gauges."""
