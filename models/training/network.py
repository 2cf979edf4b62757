"""The model: a log-mel front end made of matrix products, a strided CNN, and two linear heads that are summed.

Everything runs on raw 16 kHz samples, so that the same graph serves in training, evaluation and the service.
"""
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from classes import ALERTS, CLASSES
from teacher import EMBEDDING, SCORES

RATE_HZ = 16_000
SAMPLES = 16_000
HOP = 200                 # 12.5 ms
WINDOW = 2 * HOP
FRAMES = SAMPLES // HOP - 1
MELS = 48
LOW_HZ, HIGH_HZ = 40.0, 7400.0
SPARSE_HZ = 3600.0
QUIETEST = (3e-5) ** 2 * HOP * 0.75   # mel power of noise of one step of 16 bits: below it nothing is raised
LOG_FLOOR = 1e-5          # of the patch's mean power: 50 dB below it is silence


def mel_matrix():
    """[bins, MELS]: triangles on the HTK mel scale between LOW_HZ and HIGH_HZ, each at least one bin wide, sum 1.

    Above SPARSE_HZ, where a triangle spans six bins and more, odd bins are left out: nobody need compute them.
    """
    def mel(hz):
        return 2595 * np.log10(1 + hz / 700)
    edges = 700 * (10 ** (np.linspace(mel(LOW_HZ), mel(HIGH_HZ), MELS + 2) / 2595) - 1)
    bins = np.arange(WINDOW // 2 + 1) * RATE_HZ / WINDOW
    out = np.zeros((len(bins), MELS))
    for m in range(MELS):
        low, centre, high = edges[m: m + 3]
        half = max(high - centre, RATE_HZ / WINDOW)
        out[:, m] = np.maximum(0, 1 - np.abs(bins - centre) / half)
    out[1::2][bins[1::2] > SPARSE_HZ] = 0
    return out / out.sum(axis=0)


def used_bins(mel):
    """(even bins, odd bins) that any band needs."""
    used = np.flatnonzero(mel.sum(axis=1))
    return np.arange(0, used[-1] + 1, 2), used[used % 2 == 1]


def level(power):
    """Mel power [n, FRAMES, MELS] → over the patch's mean, [n, FRAMES, MELS]; near silence stays near silence."""
    return power / (power.mean((1, 2), keepdim=True) + QUIETEST)


def compress(power):
    """Levelled power → the network's input, about 0 mean and 1 spread."""
    return (torch.log(power + LOG_FLOOR) + 4.0) * 0.3


class FrontEnd(nn.Module):
    """Samples [n, 16000] → mel power over the patch's mean, [n, FRAMES, MELS]; level and DC do not show.

    A frame is two blocks of HOP samples, a then b, under a window symmetric about the frame's centre. With time
    counted from that centre, folding the frame there parts cosines from sines, and folding the half again parts
    even bins from odd ones: four products of HOP/2 rows and a quarter of the bins each do the work of one of
    WINDOW rows. The mirrored samples that folding needs are blocks of the reversed patch, so that nothing is
    gathered sample by sample.
    """

    def __init__(self):
        super().__init__()
        centred = np.arange(WINDOW) - (WINDOW - 1) / 2
        window = 0.5 + 0.5 * np.cos(2 * np.pi * centred / WINDOW)
        mel = mel_matrix()
        even, odd = used_bins(mel)
        half = HOP // 2
        outer, inner = window[:half], window[HOP - 1: half - 1: -1]   # at n and at HOP − 1 − n
        angle = 2 * np.pi * centred[:half, None] / WINDOW
        for name, value in (("outer", outer), ("inner", inner),
                            ("cos_even", np.cos(angle * even)), ("cos_odd", np.cos(angle * odd)),
                            ("sin_even", np.sin(angle * even)), ("sin_odd", np.sin(angle * odd)),
                            ("mel_even", mel[even]), ("mel_odd", mel[odd])):
            self.register_buffer(name, torch.tensor(np.ascontiguousarray(value), dtype=torch.float32))

    def power_mel(self, a, b, a_mirrored, b_mirrored):
        """Blocks [..., half of HOP] and their mirror images → mel power [..., MELS]."""
        even_outer, odd_outer = (a + b_mirrored) * self.outer, (a - b_mirrored) * self.outer
        even_inner, odd_inner = (a_mirrored + b) * self.inner, (a_mirrored - b) * self.inner
        ce = (even_outer + even_inner) @ self.cos_even
        co = (even_outer - even_inner) @ self.cos_odd
        se = (odd_outer - odd_inner) @ self.sin_even
        so = (odd_outer + odd_inner) @ self.sin_odd
        return (ce * ce + se * se) @ self.mel_even + (co * co + so * so) @ self.mel_odd

    def forward(self, waveform):
        x = waveform - waveform.mean(-1, keepdim=True)
        blocks = x.reshape(-1, FRAMES + 1, HOP)
        mirrored = blocks[..., HOP // 2:].flip(-1)
        blocks = blocks[..., : HOP // 2]
        power = self.power_mel(blocks[:, :-1], blocks[:, 1:], mirrored[:, :-1], mirrored[:, 1:])
        return level(power)


def conv(inputs, outputs, stride, groups=1, kernel=3):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False, groups=groups), nn.BatchNorm2d(outputs), nn.ReLU()]


def separable(inputs, outputs, stride):
    return [*conv(inputs, inputs, stride, groups=inputs), *conv(inputs, outputs, 1, kernel=1)]


# Each: kind of layer ("c" plain 3×3, "s" separable), channels, stride in (time, band).
TRUNKS = {
    "strided": [("c", 16, (2, 2)), ("c", 32, (2, 2)), ("c", 64, (2, 2)), ("c", 64, 1), ("c", 96, (2, 2)), ("c", 128, 1)],
    "wide": [("c", 24, (2, 2)), ("c", 48, (2, 2)), ("c", 80, (2, 2)), ("c", 80, 1), ("c", 128, (2, 2)), ("c", 128, 1)],
    "separable": [("c", 16, (2, 2)), ("s", 48, (1, 1)), ("s", 96, (2, 2)), ("s", 96, 1), ("s", 160, (2, 2)), ("s", 160, 1),
                  ("s", 160, 1), ("s", 224, (2, 2)), ("s", 224, 1)],
    "large": [("c", 24, (2, 2)), ("c", 48, (2, 2)), ("c", 96, (2, 2)), ("c", 96, 1), ("c", 96, 1), ("c", 160, (2, 2)), ("c", 160, 1)],
    "fine": [("c", 24, (1, 2)), ("c", 32, (2, 2)), ("c", 64, (2, 2)), ("c", 64, 1), ("c", 96, (2, 1)), ("c", 144, (2, 2)), ("c", 144, 1)],
    "finer": [("c", 16, (1, 2)), ("c", 48, (2, 2)), ("c", 96, (2, 2)), ("c", 96, 1), ("c", 128, (2, 1)), ("c", 160, (2, 2)), ("c", 160, 1)],
    "larger": [("c", 32, (2, 2)), ("c", 64, (2, 2)), ("c", 128, (2, 2)), ("c", 128, 1), ("c", 128, 1), ("c", 224, (2, 2)), ("c", 224, 1)],
    "deep": [("c", 16, (2, 2)), ("c", 32, (2, 2)), ("c", 48, (2, 2)), ("c", 48, 1), ("c", 48, 1), ("c", 96, (2, 2)), ("c", 96, 1), ("c", 96, 1)],
}


def pooled(x):
    """[n, channels, time, band] → [n, 2 · channels · band]: mean and maximum over time."""
    return torch.cat([x.mean(2), x.amax(2)], 1).flatten(1)


class Trunk(nn.Module):
    """Levelled mel power [n, FRAMES, MELS] → features: convolutions; the mean and maximum over time per band that is left."""

    def __init__(self, layers):
        super().__init__()
        self.bands = nn.BatchNorm1d(MELS)
        built, channels, size = [], 1, (FRAMES, MELS)
        for kind, outputs, stride in layers:
            built += {"c": conv, "s": separable}[kind](channels, outputs, stride)
            step = stride if isinstance(stride, tuple) else (stride, stride)
            size, channels = tuple(math.ceil(n / s) for n, s in zip(size, step)), outputs
        self.layers = nn.Sequential(*built)
        self.features = channels * size[1] * 2

    def forward(self, power):
        x = self.bands(compress(power).transpose(1, 2)).transpose(1, 2).unsqueeze(1)
        return pooled(self.layers(x))


class Clameur(nn.Module):
    """From one trunk: a hard-label head over the alert classes, a distilled head over all classes; and, for training
    only, the teacher's own scores and its embedding."""

    def __init__(self, trunk="larger", dropout=0.2):
        super().__init__()
        self.trunk = Trunk(TRUNKS[trunk])
        self.dropout = nn.Dropout(dropout)
        self.hard = nn.Linear(self.trunk.features, ALERTS)
        self.taught = nn.Linear(self.trunk.features, len(CLASSES))
        self.everything = nn.Linear(self.trunk.features, SCORES)
        self.embedding = nn.Linear(self.trunk.features, EMBEDDING)

    def forward(self, power):
        features = self.trunk(power)
        dropped = self.dropout(features)
        return self.hard(dropped), self.taught(dropped), self.everything(dropped), self.embedding(features)

    def summed(self, power, share):
        """Logits [n, classes]: for the alert classes, hard + share × taught."""
        features = self.trunk(power)
        taught = self.taught(features)
        return torch.cat([self.hard(features) + share * taught[:, :ALERTS], taught[:, ALERTS:]], 1)


class Deployed(nn.Module):
    """Samples → calibrated probabilities: front end, trunk, and the two heads summed into one linear layer."""

    def __init__(self, model, taught_share, scale, offset):
        """`scale` and `offset` [classes] calibrate the summed logits (Platt)."""
        super().__init__()
        self.front = FrontEnd()
        self.layers = model.trunk.layers
        # The bands' normalisation and compress() in one multiplication and addition.
        bands = model.trunk.bands
        gain = (bands.weight / torch.sqrt(bands.running_var + bands.eps)).detach()
        self.register_buffer("gain", 0.3 * gain)
        self.register_buffer("shift", (1.2 - bands.running_mean) * gain + bands.bias.detach())
        weight, bias = model.taught.weight.detach().clone(), model.taught.bias.detach().clone()
        weight[:ALERTS] = model.hard.weight + taught_share * weight[:ALERTS]
        bias[:ALERTS] = model.hard.bias + taught_share * bias[:ALERTS]
        self.head = nn.Linear(weight.shape[1], weight.shape[0])
        self.head.weight.data = weight * scale[:, None]
        self.head.bias.data = bias * scale + offset

    def forward(self, waveform):
        x = (torch.log(self.front(waveform) + LOG_FLOOR) * self.gain + self.shift).unsqueeze(1)
        return torch.sigmoid(self.head(pooled(self.layers(x))))


def multiply_adds(trunk="larger"):
    """Of one patch: (front end, trunk)."""
    bins = sum(len(b) for b in used_bins(mel_matrix()))
    front = FRAMES * (HOP * bins + bins * MELS + 2 * WINDOW)
    total, size, channels = 0, (FRAMES, MELS), 1
    for kind, outputs, stride in TRUNKS[trunk]:
        step = stride if isinstance(stride, tuple) else (stride, stride)
        size = tuple(math.ceil(n / s) for n, s in zip(size, step))
        area = size[0] * size[1]
        total += area * channels * (outputs * 9 if kind == "c" else 9 + outputs)
        channels = outputs
    return front, total + channels * size[1] * 2 * len(CLASSES)


def weights(trunk="larger"):
    model = Clameur(trunk)
    return sum(p.numel() for p in model.trunk.parameters()) + model.trunk.features * len(CLASSES)


if __name__ == "__main__":
    for name in TRUNKS:
        print(name, "multiply-adds (front end, trunk)", multiply_adds(name), "weights", weights(name))
