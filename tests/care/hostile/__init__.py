"""Hostile input: who sends it, to whom, and what came of it."""
