"""A trading day as one HTML page: `pitwire chart`.

page.py the page, tables.py under the chart, html_text.py escaping. figure.py what plotly draws:
series.py over time, zones.py areas and levels, markers.py and annotations.py what the desk did,
profiles.py beside the price, label_spread.py labels apart. chart_data.py what all of them show.
"""
