"""The command: one module for each noun, and nothing of what it does."""
