"""Which device to compute on: the one place outside plug-ins that asks torch."""

from dataclinic.errors import OptionError


def resolve_device(name: str) -> str:
    """Torch device string for `name`: "auto" is CUDA where there is one, else the CPU.

    Raises:
        OptionError: the name is no device, or that device is not on this machine.
    """
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind = name.split(":", maxsplit=1)[0]
    if kind not in {"cpu", "cuda", "mps"}:
        raise OptionError.unknown_value("device", name, ("auto", "cpu", "cuda", "mps"))
    if kind == "cuda" and not torch.cuda.is_available():
        raise OptionError.no_such_device(name)
    if kind == "mps" and not torch.backends.mps.is_available():
        raise OptionError.no_such_device(name)
    return name


def describe_devices() -> tuple[str, ...]:
    """Devices that torch can use here, the CPU first."""
    import torch

    found = [f"cpu ({torch.get_num_threads()} threads)"]
    for number in range(torch.cuda.device_count()):
        gigabytes = torch.cuda.get_device_properties(number).total_memory / 1e9
        found.append(f"cuda:{number} ({torch.cuda.get_device_name(number)}, {gigabytes:.0f} GB)")
    if torch.backends.mps.is_available():
        found.append("mps")
    return tuple(found)
