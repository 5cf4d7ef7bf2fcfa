"""Fire and explosion."""
