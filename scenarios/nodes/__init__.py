"""How do province, city, county and enterprise, each a node of its own, report up, copy down and watch one another?"""
