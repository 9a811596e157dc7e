"""What fields share: areas, hazards, levels, units, organisations, map symbols."""
