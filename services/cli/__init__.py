"""The trader's command line: start a desk, replay files, show status, stop trading, explain."""
