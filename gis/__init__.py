"""Ground floor: coordinates, geometry, rasters, files and the door to PostGIS."""
