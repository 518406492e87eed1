"""The client's positions: commands become orders, the account's events become reports.

alarm.py what an operator looks at, tracked_order.py the orders at the exchange, closing.py the
close of one position, legs.py its stop and target, bracket.py one position from its entry to its
last contract, flatten.py a flatten over several, kept_position.py a position on the disk, book.py
every position, strays.py orders that none of them knows, account_view.py what was missed while
away, account_orders.py all of an account, agreement.py whether the account shows the same.
traded_account.py is what the client needs of it; simulated_account.py has its exchange in the same
process, remote_account.py elsewhere.
"""
