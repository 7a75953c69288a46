"""What partner apps talk to: the REST API, checkout, the event feed, the command line."""
