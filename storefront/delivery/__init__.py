"""Events to partners' webhook endpoints: signed, retried, in order for each order, at least once."""
