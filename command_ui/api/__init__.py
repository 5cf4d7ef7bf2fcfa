"""Api room."""
