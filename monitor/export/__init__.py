"""What is stored here, as other tools read it."""
