"""Which splits of a data set models are meant to learn from."""


def is_training_split(name: str) -> bool:
    """Whether it is "train", "Training" or the like; a sample without a split is learned from too."""
    return not name or name.casefold().startswith("train")
