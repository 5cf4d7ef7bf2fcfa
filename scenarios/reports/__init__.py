"""What does a report say, by when must it go up, and what became of it?"""
