"""Map room."""
