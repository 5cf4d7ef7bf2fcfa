"""Which registers of other authorities are mirrored here, and how do their rows come in?"""
