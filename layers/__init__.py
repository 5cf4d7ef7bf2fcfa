"""What is on the ground and who is in the way."""
