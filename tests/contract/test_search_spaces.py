"""What a model says is worth tuning can be tuned: every value is one that the model takes, and a file can hold it."""

import tomllib
from dataclasses import fields

import pytest

from dataclinic.methods.setting_grid import even_steps
from dataclinic.models import Choice
from dataclinic.registry import MODELS
from dataclinic.rundir.toml_text import toml_text


def values_of(dimension):
    if isinstance(dimension, Choice):
        return dimension.values
    return even_steps(dimension.low, dimension.high, 5, log=dimension.log)


@pytest.mark.parametrize("name", MODELS.ids())
def test_every_value_of_the_search_space_is_a_setting(name):
    model = MODELS.find(name)
    assert set(model.search_space) <= {field.name for field in fields(model)}
    for setting, dimension in model.search_space.items():
        for value in values_of(dimension):
            made = MODELS.make(name, {setting: value})
            (kept,) = tomllib.loads(toml_text({setting: getattr(made, setting)})).values()
            assert getattr(MODELS.make(name, {setting: kept}), setting) == getattr(made, setting)
