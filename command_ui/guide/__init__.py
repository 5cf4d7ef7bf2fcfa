"""The guide inside the program: chapters in both languages, with pictures of its own screens."""
