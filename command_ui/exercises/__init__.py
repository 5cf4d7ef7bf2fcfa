"""What does an exercise look like to those who lead, play and judge it, as a table, and on paper?"""
