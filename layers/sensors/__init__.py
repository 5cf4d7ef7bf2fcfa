"""What do the sensors say, who must hear it, and who is silent?"""
