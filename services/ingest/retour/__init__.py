"""The way back to the platform: what is to be sent, in what order, and what it acknowledged."""
