"""Source terms: how much gets out, how fast, in which phase; described in `kinds`, computed by `outflow`."""
