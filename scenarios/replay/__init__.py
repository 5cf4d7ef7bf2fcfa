"""What was known at any moment of an incident, how do two moments differ, and what if it had been otherwise?"""
