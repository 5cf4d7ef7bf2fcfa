"""The situation as one file for people outside: opens in any browser, without a network."""

from command_ui.briefing.sheet import Ground, brief

__all__ = ["Ground", "brief"]
