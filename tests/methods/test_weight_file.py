"""Weight files are read as data: right ones whole, wrong ones refused with a reason, none ever run."""

import pickle

import pytest
import torch
from safetensors.torch import save_file

from dataclinic.errors import WeightsError
from dataclinic.methods.weight_file import read_weight_file, weight_digest

WEIGHT = torch.arange(6.0).reshape(2, 3)


class Marker:
    """Unpickled, it would make a file: what an attacker's checkpoint does with less restraint."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_safetensors_come_as_float32_with_their_metadata(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"w": WEIGHT.half(), "steps": torch.tensor(3)}, path, {"arch": "resnet18"})
    file = read_weight_file(path)
    assert file.tensors["w"].dtype == torch.float32
    assert torch.equal(file.tensors["w"], WEIGHT)
    assert file.tensors["steps"].dtype == torch.int64
    assert file.metadata == {"arch": "resnet18"}


@pytest.mark.parametrize(
    "content",
    [
        {"w": WEIGHT},
        {"module.w": WEIGHT},
        {"epoch": 3, "state_dict": {"w": WEIGHT}},
        {"model": {"module.w": WEIGHT}, "optimizer": {"lr": 0.1}},
        {"state_dict": {"w": WEIGHT * 0}, "state_dict_ema": {"w": WEIGHT}},
    ],
)
def test_checkpoints_are_unwrapped(tmp_path, content):
    torch.save(content, tmp_path / "a.pth")
    tensors = read_weight_file(tmp_path / "a.pth").tensors
    assert list(tensors) == ["w"]
    assert torch.equal(tensors["w"], WEIGHT)


def test_code_in_a_checkpoint_is_refused_and_not_run(tmp_path):
    marker = tmp_path / "it ran"
    torch.save({"w": WEIGHT, "extra": Marker(marker)}, tmp_path / "a.pt")
    with pytest.raises(WeightsError, match="holds code"):
        read_weight_file(tmp_path / "a.pt")
    assert not marker.exists()


@pytest.mark.parametrize("name", ["a.safetensors", "a.pth"])
@pytest.mark.parametrize("content", [b"", b"no weights", pickle.dumps([1, 2], protocol=2)[:9]])
def test_broken_files_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match=r"cannot read|is broken|no weights in"):
        read_weight_file(tmp_path / name)


@pytest.mark.parametrize("name", ["a.safetensors", "a.pth"])
def test_cut_off_files_are_refused(tmp_path, name):
    path = tmp_path / name
    tensors = {"w": torch.zeros(1000)}
    save_file(tensors, path) if name.endswith("safetensors") else torch.save(tensors, path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(WeightsError, match="cannot read"):
        read_weight_file(path)


@pytest.mark.parametrize("content", [{}, {"epoch": 3}, [1, 2]])
def test_files_without_weights_are_refused(tmp_path, content):
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(WeightsError, match="no weights in"):
        read_weight_file(tmp_path / "a.pth")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"no such weights file: .*nowhere\.pth"):
        read_weight_file(tmp_path / "nowhere.pth")


def test_digests_tell_contents_apart_whatever_the_name(tmp_path):
    for name, content in (("a.pth", b"weights"), ("b.pth", b"weights"), ("c.pth", b"other weights")):
        (tmp_path / name).write_bytes(content)
    first, second, other = (weight_digest(tmp_path / name) for name in ("a.pth", "b.pth", "c.pth"))
    assert first == second != other
    assert len(first) == 32
    with pytest.raises(WeightsError, match="no such weights file"):
        weight_digest(tmp_path / "d.pth")
