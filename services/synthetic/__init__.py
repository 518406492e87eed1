"""The market generator: whole synthetic days with a shape of their own, from a seed.

market.py makes the bars, day_plans.py the plan of each kind of day, day_shapes.py the legs.
"""
