"""交接班: what is open when one officer hands the duty to the next, and both sign for it."""
