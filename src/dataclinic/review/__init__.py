"""Review: one suspect at a time, decided by a person, on a local page or in the terminal."""
