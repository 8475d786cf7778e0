"""Every recipe that a fix proposes is one that the models it names train with."""

import pytest

from dataclinic.methods.recipe_followers import FOLLOWERS
from dataclinic.registry import MODELS


@pytest.mark.parametrize("field", FOLLOWERS)
def test_named_models_are_those_that_follow_the_field(field):
    models = [(name, MODELS.find(name)) for name in MODELS.ids()]
    assert sorted(FOLLOWERS[field]) == [name for name, model in models if field in getattr(model, "honours", ())]
