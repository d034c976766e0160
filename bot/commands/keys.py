"""`python -m bot keys rotate`: a new master key; every other key is wrapped anew."""
