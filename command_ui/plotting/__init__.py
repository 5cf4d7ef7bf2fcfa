"""Marks as files that other programs read, and back again: GeoJSON, KML, SVG."""
