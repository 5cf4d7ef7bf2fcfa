"""How does an alert, and an envelope around it, go from one level of government to another?"""
