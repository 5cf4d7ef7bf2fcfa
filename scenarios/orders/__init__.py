"""指令: who was told to do what by when, on which run, and what became of it."""
