"""What does a release do to a place? Zones, who is in them, how sure they are, what stands to follow."""
