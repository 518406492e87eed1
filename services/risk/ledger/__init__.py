"""What the desk holds: positions and money, from executions alone.

ledger.py every position and the day's money, position.py one position, position_message.py what is
published and carried of it, contract_terms.py what a contract is worth, marks.py its
last prices, decided.py a candidate with its decision.
"""
