"""资源: what is left of teams and supplies once everything committed is taken off."""
