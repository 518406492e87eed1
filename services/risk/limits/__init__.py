"""Every limit of the desk: one condition in the file of its family, one row in table.py.

Rule 1: a family is a pure function of a candidate and a `LimitView` (view.py), which is gathered
        once. It gives the code and one sentence with its numbers for each of its limits that
        refuses; a pass builds no text, because an order waits for it.
Rule 2: all limits are checked; the first refusal in table order is the decision's.
Rule 3: limits are total: what is missing (no bar, no hours, no such strategy) is a refusal. An
        exception out of one is a bug of ours and ends the process, which ends entries.

arbitration.py has candidates decided, in order of priority. Families, in evaluation order (spec
R.3): state.py the desk's and the client's, approval.py, identity.py, session.py, data.py the bar of
the minute, market.py are the figures plausible, order.py sanity of the order, portfolio.py what
strategies hold together, loss.py and margin, budget.py per trade and strategy, rate.py. The simple
limit, and how to add one: quota.py. By number: docs/controls.md.
"""
