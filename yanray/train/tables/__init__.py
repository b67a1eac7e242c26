"""Words and sentence frames for the training questions, as plain data."""
