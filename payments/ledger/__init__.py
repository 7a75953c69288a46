"""The ledger: what every partner earned, received and paid, in double entry, to the cent.

How to use it:

- `Ledger(clock).post(session, NewEntry(…))` writes one balanced entry in the caller's transaction. Amounts are whole US
  cents, debits positive, credits negative; the postings of an entry sum up to nothing. Each entry has a `source` that
  is unique in its app: posting the same source again writes nothing and returns the entry that is there
  (`is_new=False`), so a repeat of a webhook, an import or a job does no harm.
- Entries are never changed or deleted: triggers of the database refuse it. A wrong one is taken back by
  `Ledger.reverse(…)`, which posts its opposite, and posted anew.
- `because` says who caused the entry and why: a webhook's svix-id, a statement's row, a person's reason.
- `occurred_at` is when it happened. `booked_at` is where it counts: the same, unless that month is closed; then it
  counts in the first month that is open. Balances and reports go by `booked_at`.
- `balances(session, app_id, at)` are the sums of all accounts as of a moment; `Account` says what each one holds.
- Money that came for an order's share credits `SHARE_RECEIVABLE`, by the lines that it settles:
  `settled(open_lines(session, app_id, order_id), amount)` divides it among them.

Whoever posts holds the app's journal until the transaction ends. So lock orders and batches first, the ledger last.
"""
