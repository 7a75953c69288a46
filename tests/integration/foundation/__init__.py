"""The ground floor over real databases: transactions, events, leases, apps, migrations."""
