"""When the desk may trade: hours.py windows and flat-by, expiry.py months, news.py releases."""
