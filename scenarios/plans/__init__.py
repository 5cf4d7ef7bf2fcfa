"""预案: which plans are there, which one fits, what does it ask for, and what became of it once adopted?"""
