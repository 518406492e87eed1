"""Every limit of the desk: one function in the file of its family, one row in table.py.

Rule 1: a limit is a pure function of a candidate and a `LimitView` (view.py). It gives None for a
        pass, and one sentence with its numbers for a refusal; a pass builds no text, because an
        order waits for it.
Rule 2: all limits are checked; the first refusal in table order is the decision's.
Rule 3: limits are total: what is missing (no bar, no hours, no such strategy) is a refusal. An
        exception out of one is a bug of ours and ends the process, which ends entries.

arbitration.py has candidates decided, in order of priority. Families, in evaluation order (spec
R.3): state.py, client_state.py what the client reported, approval.py, identity.py, session.py,
data.py, market.py are the figures plausible, order.py sanity of the order, exposure.py,
portfolio.py what strategies hold together, loss.py, budget.py per trade and strategy, rate.py,
margin.py. The simple limit, and how to add one: quota.py. By number: docs/controls.md.
"""
