"""Server room."""
