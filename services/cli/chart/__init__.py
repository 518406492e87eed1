"""A trading day as a picture: `pitwire chart` (an HTML page) and a small SVG for documents.

`picture.py` the SVG · `page.py` the page around the figure · `figure.py` what plotly draws.
"""
