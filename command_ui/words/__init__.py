"""What does the house say to people, in Chinese first and in English beside it?"""

from command_ui.words.speaking import Language, say, texts

__all__ = ["Language", "say", "texts"]
