"""Files that come in pieces: what is on disk for good is never sent again."""
