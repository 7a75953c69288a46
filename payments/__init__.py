"""Orders out through the Commerce API, Goody's webhooks in, the order lifecycle and the payment link."""
