"""Conversations: a scene is a plain function from a turn and an open unit of work to a screen."""
