"""The catalogue: extents, OGC API – Records, DCAT and STAC, all from what the caller may see."""
