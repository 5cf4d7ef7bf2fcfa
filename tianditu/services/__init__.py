"""Place services: where is what is called so, and what is it called here?"""
