"""State: folds closed bars into sessions, one `SessionUpdate` per contract and minute.

machine.py what comes in and goes out, alignment.py one group's minutes, contract_state.py one
contract, session.py its session, reading.py the message, prior_day.py and carry.py what crosses
sessions and restarts, hours.py, config.py. Formulas by family: levels/, indicators/, order_flow.py,
profile/, gaps/, day/, confluence/. Process: shell.py, __main__.py.
"""
