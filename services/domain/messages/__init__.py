"""Every message of the desk as a frozen struct, one module per owner.

The wire twin of each struct is `proto/pitwire/<owner>/v1`; who says what to whom:
`domain/topics.py`.
Price-like values are in ticks: exact prices are `Ticks` (int), indicator values are float ticks.
"""
