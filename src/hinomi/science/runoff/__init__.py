"""Runoff: rain into rivers, and waves down them (流出・河道追跡)."""
