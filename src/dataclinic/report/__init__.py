"""What a run says to a person: its summary in numbers, and one self-contained page."""
