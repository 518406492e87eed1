"""A trading day as a picture: `pitwire chart` (an HTML page) and a small SVG for documents.

`picture.py` the SVG, on `paper.py` · `page.py` the page with its `tables.py` · `figure.py` what
plotly draws: `series.py` over time, `zones.py` areas and levels, `marks.py` what the desk did,
`profiles.py` beside the price.
"""
