import inspect

import pytest

import dataclinic.errors as tree
from dataclinic.errors import DataclinicError, OptionError, did_you_mean

BRANCHES = [value for name, value in vars(tree).items() if inspect.isclass(value) and name != "DataclinicError"]


@pytest.mark.parametrize("branch", BRANCHES, ids=lambda branch: branch.__name__)
def test_every_branch_is_caught_as_one_and_words_its_own_errors(branch):
    assert issubclass(branch, DataclinicError)
    assert f"─ {branch.__name__}" in tree.__doc__
    assert [name for name, value in vars(branch).items() if isinstance(value, classmethod)]


def test_message_and_hint_are_kept_apart():
    error = OptionError.unknown_value("model", "liner_head", ["linear_head", "tree_ensemble"])
    assert str(error) == error.message == "unknown model 'liner_head'"
    assert error.hint == "did you mean 'linear_head'? (one of: linear_head, tree_ensemble)"


def test_nothing_near_lists_what_there_is():
    assert did_you_mean("zebra", ["linear_head", "tree_ensemble"]) == "one of: linear_head, tree_ensemble"
