"""A trading day as a picture: the page of `pitwire chart`.

chart_data.py what is drawn, page.py the page (page.html, page.css, page.js), tables.py the tables
below it. figure.py what plotly draws: series.py over time, zones.py areas and levels, markers.py
what the desk did with its labels, profiles.py beside the price. html_text.py escapes text.
"""
