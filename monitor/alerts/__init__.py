"""Alert sinks, one per file, and the delivery of the outbox to them."""
