"""Every message of the desk as a frozen struct, one module per owner.

market.py, session.py with the families of reading.py, strategy.py, risk.py, orders.py, link.py,
control.py; union.py any of them. The wire twin of each struct is `proto/pitwire/<owner>/v1`; who
publishes what to whom is in the domain's topics. Price-like values are in ticks: exact prices are
`Ticks` (int), indicator values are float ticks.
"""
