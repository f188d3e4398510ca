"""What people typed for a pupil who turned out to be another: it follows him, nothing is guessed."""
