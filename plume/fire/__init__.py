"""Fire and explosion: how far heat and blast reach. Kinds in `kinds`, their zones by `scenario.to_forecast`."""
