"""Access room."""
