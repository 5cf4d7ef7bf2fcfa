"""Source terms: how much gets out, how fast, in which phase. Kinds in `kinds`, their terms by `outflow.to_source_term`."""
