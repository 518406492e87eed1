"""What confirms a trade and gates none: confluence.py all of it.

sweeps.py levels traded through, wicks.py rejection, divergence.py one contract against another,
compression.py a market wound up.
"""
