"""What is said: the statements, the screens and every other word a person reads."""
