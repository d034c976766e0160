"""What is remembered: the only place that knows the databases."""
