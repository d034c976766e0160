"""How fast it is. Never a test: figures depend on the machine, so they are printed beside a bare bot's of the same run."""
