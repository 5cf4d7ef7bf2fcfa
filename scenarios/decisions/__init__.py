"""决策: who decided what, among which options, for which reason, and what was known then."""
