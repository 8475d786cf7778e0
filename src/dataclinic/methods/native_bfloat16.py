"""Whether a processor multiplies bfloat16 itself; where it does not, bfloat16 is slower than float32."""

from __future__ import annotations

import torch

CPU_FEATURES = ("avx512_bf16", "amx_bf16")


def has_native_bfloat16(device: torch.device) -> bool:
    """True for CUDA, and for CPUs with one of `CPU_FEATURES`."""
    if device.type == "cpu":
        return any(torch.cpu.get_capabilities().get(name, False) for name in CPU_FEATURES)
    return device.type == "cuda"
