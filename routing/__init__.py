"""Who goes where, on which roads."""
