"""State: folds closed bars into sessions, a `SessionUpdate` per contract in each `SessionMinute`.

machine.py what comes in and goes out, contract_state.py one contract, session.py its session,
reading.py the message, prior_day.py and carry.py what crosses sessions and restarts, hours.py,
config.py. Formulas by family: levels/, indicators/, order_flow.py,
profile/, gaps/, day/, confluence/. Process: shell.py, __main__.py.
"""
