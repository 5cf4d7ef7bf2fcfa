"""Drills 演练: what one is, how its clock runs, what its injects do to the drill's own world, and how it is scored."""
