"""The demo: every program on this machine, and one sale walked through as a partner's app would make it."""
