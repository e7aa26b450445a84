"""One foreign thing a file; an adapter decides nothing."""
