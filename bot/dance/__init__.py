"""The model: from answers to sizes, words and dates. Pure; no clock, no input, no output."""
