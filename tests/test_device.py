import pytest
import torch

from dataclinic.device import describe_devices, resolve_device
from dataclinic.errors import OptionError


def test_auto_is_a_device_that_torch_can_use():
    assert resolve_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    assert torch.ones(2, device=resolve_device("auto")).sum() == 2
    assert resolve_device("cpu") == "cpu"


def test_unknown_and_absent_devices_are_told_apart(monkeypatch):
    with pytest.raises(OptionError, match="unknown device 'gpu'"):
        resolve_device("gpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(OptionError, match="'cuda:0' is not available"):
        resolve_device("cuda:0")


def test_the_cpu_is_named_first():
    assert describe_devices()[0].startswith("cpu (")
