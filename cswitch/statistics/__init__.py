"""How sure a rate is, and whether two systems differ.

What every score needs, `bootstrap` and `differences`, does without numpy.
"""
