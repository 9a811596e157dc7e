"""SensorThings API 1.1 (OGC 18-088): our stations, series and readings as its entities."""
