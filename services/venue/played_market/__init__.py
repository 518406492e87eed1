"""The market that a stand-in plays: bar files or generated days, under the desk's names.

minutes.py a minute's bars, their names and their stamps live; playback_extent.py how many there are
and where history ends; market_source.py opens files or generates days; command_options.py the
options by which a command line names them. The client and the exchange each open their own.
"""
