"""How does a file from outside become rows of a layer, with every bad row named and kept aside?"""
