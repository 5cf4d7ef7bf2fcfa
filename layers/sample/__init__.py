"""The fictional sample city 演练市: generated, seeded, marked 演练."""
