"""Weights through the real program: what is wrong with them is said in two lines, and right ones are used once."""

import json
import re

import pytest
import timm
import torch
from safetensors.torch import save_file

SMALL = ("--folds", "2", "--repeats", "1", "--only", "exact_duplicates")


class Marker:
    """Unpickled, it would run code."""

    def __reduce__(self):
        return (print, ("run",))


@pytest.fixture
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return timm.create_model("test_efficientnet")


def test_a_pickle_with_code_is_refused_and_not_run(cli, photos, tmp_path):
    path = tmp_path / "test_efficientnet.pth"
    torch.save({"state_dict": {"weight": torch.zeros(2)}, "hook": Marker()}, path)
    result = cli("audit", photos, "--weights", path, "--out", tmp_path / "run", *SMALL)
    assert result.code == 2
    assert "holds code beside weights, which is never run" in result.err
    assert "safetensors" in result.err
    assert "run\n" not in result.out


def test_another_architecture_names_the_first_weights_that_do_not_fit(cli, photos, network, tmp_path):
    path = tmp_path / "test_resnet.safetensors"
    save_file(network.state_dict(), path)
    result = cli("audit", photos, "--weights", path, "--out", tmp_path / "run", *SMALL)
    assert result.code == 2
    assert re.search(r"does not fit timm test_resnet: weights \d+ missing \(first: conv1\.0\.weight\); ", result.err)
    assert re.search(r"\d+ unexpected \(first: \w+\.", result.err)


def test_a_second_audit_of_the_same_pictures_embeds_nothing(cli, photos, network, tmp_path):
    path = tmp_path / "test_efficientnet.safetensors"
    save_file(network.state_dict(), path)
    for name in ("first", "second"):
        assert cli("audit", photos, "--weights", path, "--out", tmp_path / name, *SMALL).code == 0
    first, second = (json.loads((tmp_path / name / "run.json").read_text()) for name in ("first", "second"))
    assert first["encoder"] == second["encoder"]
    assert not [note for note in first["notes"] if "reused" in note]
    (note,) = [note for note in second["notes"] if "reused" in note]
    assert re.fullmatch(r"(\d+) of \1 embeddings reused from the cache", note)
    vectors = [(tmp_path / name / "embeddings.npy").read_bytes() for name in ("first", "second")]
    assert vectors[0] == vectors[1]
