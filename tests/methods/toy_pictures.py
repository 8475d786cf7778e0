"""Pictures whose class is their colour, and networks small enough to train in a moment."""

import numpy as np
import torch
from torch import nn

from dataclinic.fits import FitJob
from dataclinic.seeding import rng_for

CLASSES = 3
ROWS = 240
LEVELS = {"mean": (0.3, 0.3, 0.3), "std": (0.25, 0.25, 0.25)}


def coloured(rows=ROWS, px=8, apart=60):
    """(pictures, px, px, 3) of noise, a channel brighter by `apart` of 255, and which one."""
    labels = np.arange(rows) % CLASSES
    pixels = rng_for(0, "coloured").integers(0, 120, (rows, px, px, 3), dtype=np.uint8)
    pixels[np.arange(rows), :, :, labels] += np.uint8(apart)
    pixels.setflags(write=False)
    return pixels, labels


PIXELS, LABELS = coloured()


def job(labels=LABELS, seed=0, train=range(180), score=range(180, 240), **others):
    train, score = np.array(train, np.int64), np.array(score, np.int64)
    return FitJob(train, labels[train], score, seed, **others)


class Pooled(nn.Module):
    """Softmax regression on the mean of each channel; `room` pictures fit into its memory."""

    def __init__(self, room=10**9, classes=CLASSES):
        super().__init__()
        self.room = room
        self.linear = nn.Linear(3, classes)

    def forward(self, pictures):
        if len(pictures) > self.room:
            raise torch.OutOfMemoryError
        return self.linear(pictures.mean(dim=(2, 3)))


def convolutional():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, CLASSES),
    )
