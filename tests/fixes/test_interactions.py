import numpy as np
from column_parts import NAN, mapped, part_of, rng, targets_of
from sklearn.linear_model import RidgeClassifier

from dataclinic.findings import DidNotApply
from dataclinic.fixes.interactions import Interactions

ROWS = 400
A, B, C = np.random.default_rng(1).normal(size=(3, ROWS))


def test_products_are_of_standardised_columns():
    part = part_of((A > 0).astype(int), a=A, b=100 + 5 * B)
    treatment = Interactions().propose(part)
    columns = mapped(part, treatment)
    (product,) = set(columns) - {"a", "b"}
    assert product == "a × b"
    scaled = (A - A.mean()) / A.std() * (B - B.mean()) / B.std()
    np.testing.assert_allclose(columns[product], scaled, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(columns["a"], A)
    assert treatment.told == "add 1 products of 2 numeric columns"


def test_a_linear_model_learns_what_only_a_product_tells():
    labels = (A * B > 0).astype(int)
    part = part_of(labels, a=A, b=B)
    numbers = Interactions().propose(part).column_map.apply(part.features.numbers)
    before = (
        RidgeClassifier()
        .fit(part.features.numbers[:200], labels[:200])
        .score(part.features.numbers[200:], labels[200:])
    )
    after = RidgeClassifier().fit(numbers[:200], labels[:200]).score(numbers[200:], labels[200:])
    assert after > before + 0.2


def test_the_strongest_columns_are_multiplied():
    columns = {f"noise {place}": column for place, column in enumerate(rng().normal(size=(5, ROWS)))}
    for part in (part_of((A + B > 0).astype(int), **columns, a=A, b=B), targets_of(A - B, **columns, a=A, b=B)):
        column_map = Interactions(most_columns=2).propose(part).column_map
        assert set(column_map.names[-1].split(" × ")) == {"a", "b"}
        assert len(column_map.names) == 8


def test_an_empty_cell_makes_a_product_say_nothing():
    holes = np.where(np.arange(ROWS) < 5, NAN, B)
    part = part_of((A > 0).astype(int), a=A, b=holes)
    columns = mapped(part, Interactions().propose(part))
    assert np.abs(columns["a × b"][:5]).max() == 0
    assert np.isnan(columns["b"][:5]).all()


def test_one_column_that_varies_is_too_few():
    assert isinstance(Interactions().propose(part_of(a=A, constant=np.ones(ROWS))), DidNotApply)
