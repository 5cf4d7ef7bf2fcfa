"""The command room: one append-only log per incident and the situation folded from it."""
