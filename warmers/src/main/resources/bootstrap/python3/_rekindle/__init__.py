"""The platform's side of a Python function's process."""
