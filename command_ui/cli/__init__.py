"""The command line `onemap`."""

from command_ui.cli.main import main

__all__ = ["main"]
