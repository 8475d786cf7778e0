import numpy as np
import pandas as pd

from dataclinic.features import Embeddings
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.registry import MODELS
from dataclinic.testing.parts import HONOURS, accusing, regression_part, table_part, vector_part
from dataclinic.testing.planted import confident_probs, gaussian_classes


def test_vectors_become_embeddings_whose_labels_a_good_model_believes():
    vectors, labels = gaussian_classes(30, 3)
    part = vector_part(vectors, labels)
    assert isinstance(part.features, Embeddings)
    assert len(part) == 30
    assert part.classes == ("class 0", "class 1", "class 2")
    assert (part.self_confidence > 0.5).all()
    assert not part.suspects.any()
    assert len(set(part.evidence.measurements.content)) == 30


def test_equal_vectors_have_equal_content_unless_told_otherwise():
    vectors = np.ones((2, 3), np.float32)
    same, other = (vector_part(vectors, np.array([0, 1]), content=content) for content in (None, ("a", "b")))
    assert len(set(same.evidence.measurements.content)) == 1
    assert other.evidence.measurements.content == ("a", "b")


def test_accused_rows_whose_class_the_probs_put_elsewhere_are_suspects():
    vectors, true = gaussian_classes(30, 3)
    given = np.where(np.arange(30) < 4, (true + 1) % 3, true)
    probs = confident_probs(true, classes=3)
    probs[0] = np.nan
    for rows in ([0, 1, 2, 9], np.array([0, 1, 2, 9]), np.isin(np.arange(30), [0, 1, 2, 9])):
        part = vector_part(vectors, given, probs=probs, records=[accusing(rows)])
        assert np.flatnonzero(part.suspects).tolist() == [1, 2]
    assert part.suggested[1:4].tolist() == true[1:4].tolist()


def test_tables_are_measured():
    frame = pd.DataFrame({"a": [1.0, 1.0, 2.0], "b": ["x", "x", "y"]})
    part = table_part(frame, np.array([0, 1, 1]), classes=("no", "yes"))
    assert isinstance(part.features, ColumnFeatures)
    assert part.features.number_names == ("a",)
    content = part.evidence.measurements.content
    assert content[0] == content[1] != content[2]
    assert part.evidence.measurements.values["a"].tolist() == [1, 1, 2]


def test_regression_has_numbers_and_no_classes():
    part = regression_part(pd.DataFrame({"a": [1.0, 2.0, 3.0]}), np.array([5, 6, 7]), predictions=[5, np.nan, 9])
    assert part.given.tolist() == [5, 6, 7]
    assert part.classes == ()
    assert part.evidence.targets.judged.tolist() == [True, False, True]


def test_a_part_honours_what_its_model_does():
    for model, honours in HONOURS.items():
        assert getattr(MODELS.find(model), "honours", frozenset()) == honours
