import numpy as np
from column_parts import NAN, mapped, part_of, rng, targets_of
from sklearn.linear_model import RidgeClassifier
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from dataclinic.findings import DidNotApply
from dataclinic.fixes.polynomials import Polynomials

ROWS = 400
A, B = np.random.default_rng(1).normal(size=(2, ROWS))


def test_powers_are_those_of_scikit_learn_on_standardised_columns():
    labels = (2 * A + B > 0).astype(int)
    for degree, added in ((2, 3), (3, 7)):
        part = part_of(labels, a=10 + 3 * A, b=B)
        treatment = Polynomials(degree=degree).propose(part)
        scaled = StandardScaler().fit_transform(part.features.numbers)
        theirs = PolynomialFeatures(degree, include_bias=False).fit_transform(scaled)[:, 2:]
        mine = treatment.column_map.apply(part.features.numbers)
        np.testing.assert_array_equal(mine[:, :2], part.features.numbers)
        np.testing.assert_allclose(mine[:, 2:], theirs, rtol=1e-9, atol=1e-9)
        assert treatment.told == f"add {added} powers and products of 2 columns"


def test_a_linear_model_learns_a_ring():
    labels = (A**2 + B**2 > 1.4).astype(int)
    part = part_of(labels, a=A, b=B)
    numbers = Polynomials().propose(part).column_map.apply(part.features.numbers)
    before = (
        RidgeClassifier()
        .fit(part.features.numbers[:200], labels[:200])
        .score(part.features.numbers[200:], labels[200:])
    )
    after = RidgeClassifier().fit(numbers[:200], labels[:200]).score(numbers[200:], labels[200:])
    assert after > before + 0.2


def test_the_strongest_columns_are_raised():
    columns = {f"noise {place}": column for place, column in enumerate(rng().normal(size=(5, ROWS)))}
    for part in (part_of((A > 0).astype(int), **columns, a=A), targets_of(-A, **columns, a=A)):
        column_map = Polynomials(most_columns=1, degree=3).propose(part).column_map
        assert column_map.names[-2:] == ("a^2", "a^3")


def test_an_empty_cell_counts_as_the_mean():
    holes = np.where(np.arange(ROWS) < 5, NAN, A)
    part = part_of((B > 0).astype(int), a=holes)
    assert mapped(part, Polynomials().propose(part))["a^2"][:5].tolist() == [0] * 5


def test_constants_are_nothing_to_raise():
    assert isinstance(Polynomials().propose(part_of(constant=np.ones(ROWS))), DidNotApply)
