import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.rundir.toml_text import toml_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.one_of(st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False), TEXT)
SETTINGS = st.recursive(
    st.dictionaries(TEXT, VALUES | st.lists(VALUES)), lambda inner: st.dictionaries(TEXT, VALUES | inner), max_leaves=8
)


@given(SETTINGS)
def test_what_is_written_is_read_back(settings):
    assert tomllib.loads(toml_text(settings)) == settings


def test_plain_values_come_before_tables_and_none_is_left_out():
    settings = {"models": {"mlp_head": {"learning_rate": 1e-05}}, "label": "a b", "group": None, "folds": 3}
    assert toml_text(settings) == 'label = "a b"\nfolds = 3\n\n[models.mlp_head]\nlearning_rate = 1e-05\n'


@pytest.mark.parametrize("settings", [{"only": ("a", "b")}, {"only": []}])
def test_lists_and_tuples_are_arrays(settings):
    assert tomllib.loads(toml_text(settings)) == {"only": list(settings["only"])}
