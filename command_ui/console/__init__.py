"""Console room."""
