"""The client of Goody's Commerce API: operations, retries, and the wire's payloads. No business rule lives here."""
