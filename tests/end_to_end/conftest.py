import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dataclinic.seeding import rng_for
from dataclinic.testing.planted import gaussian_classes, switch_labels


@pytest.fixture
def survey(tmp_path):
    """A CSV file of 240 rows, 3 classes, 12 labels switched; the switched rows stand in survey.switched."""
    vectors, true = gaussian_classes(240, 3)
    given, switched = switch_labels(true, 0.05, classes=3)
    frame = pd.DataFrame(vectors.round(4), columns=[f"q{number}" for number in range(8)])
    frame["region"] = np.array(["north", "south"])[np.arange(240) % 2]
    frame["grade"] = np.array(["low", "mid", "high"])[given]
    path = tmp_path / "survey.csv"
    frame.to_csv(path, index=False)
    return Survey(path, frame, np.flatnonzero(switched), np.array(["low", "mid", "high"])[true])


class Survey:
    def __init__(self, path, frame, switched, true):
        self.path, self.frame, self.switched, self.true = path, frame, switched, true


@pytest.fixture
def photos(tmp_path):
    """Class folders of 90 small pictures: red, green and blue ones with noise; red/0.png is truly green."""
    rng = rng_for(0, "photos")
    for colour, name in enumerate(("red", "green", "blue")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(30):
            pixels = rng.integers(0, 90, size=(16, 16, 3))
            pixels[..., 1 if (name, number) == ("red", 0) else colour] += 150
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "photos" / name / f"{number}.png")
    return tmp_path / "photos"
