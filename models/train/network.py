"""The model: a log-mel front end made of matrix products, a strided CNN, and two linear heads that are summed.

Everything runs on raw 16 kHz samples, so that the same graph serves in training, evaluation and the service.
"""
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from classes import ALERTS, CLASSES

RATE_HZ = 16_000
SAMPLES = 16_000
WINDOW = 512
HOP = 256
FRAMES = 62
MELS = 64
LOW_HZ, HIGH_HZ = 40.0, 7400.0
WIDTHS = (16, 32, 64, 96)
LEVEL_FLOOR = 3e-5  # RMS under which a patch is no longer raised to the common level: one step of 16 bits
LOG_FLOOR = 1e-4


def mel_matrix():
    """[257, 64]: triangles on the HTK mel scale between LOW_HZ and HIGH_HZ, each at least one bin wide, sum 1."""
    def mel(hz):
        return 2595 * np.log10(1 + hz / 700)
    edges = 700 * (10 ** (np.linspace(mel(LOW_HZ), mel(HIGH_HZ), MELS + 2) / 2595) - 1)
    bins = np.arange(WINDOW // 2 + 1) * RATE_HZ / WINDOW
    out = np.zeros((len(bins), MELS))
    for m in range(MELS):
        low, centre, high = edges[m: m + 3]
        half = max(high - centre, RATE_HZ / WINDOW)
        out[:, m] = np.maximum(0, 1 - np.abs(bins - centre) / half)
    return out / out.sum(axis=0)


class FrontEnd(nn.Module):
    """Samples [n, 16000] → log-mel [n, 62, 64], about 0 mean and 1 spread, the patch's level and DC removed.

    A frame is two blocks of 256 samples, a then b, under a window symmetric about the frame's centre. With time
    counted from that centre, folding the frame there parts cosines from sines, and folding the half again parts
    even bins from odd ones: four products of 128 × ~119 do the work of one of 512 × 475. The mirrored samples
    that folding needs are blocks of the reversed patch, so that nothing is gathered sample by sample.
    """

    def __init__(self):
        super().__init__()
        centred = np.arange(WINDOW) - (WINDOW - 1) / 2
        window = 0.5 + 0.5 * np.cos(2 * np.pi * centred / WINDOW)
        mel = mel_matrix()
        last = int(np.flatnonzero(mel.sum(axis=1))[-1]) + 1
        even, odd = np.arange(0, last, 2), np.arange(1, last, 2)
        outer, inner = window[:128], window[255:127:-1]   # at n and at 255 − n
        angle = 2 * np.pi * centred[:128, None] / WINDOW
        for name, value in (("outer", outer), ("inner", inner),
                            ("cos_even", np.cos(angle * even)), ("cos_odd", np.cos(angle * odd)),
                            ("sin_even", np.sin(angle * even)), ("sin_odd", np.sin(angle * odd)),
                            ("mel_even", mel[even]), ("mel_odd", mel[odd])):
            self.register_buffer(name, torch.tensor(np.ascontiguousarray(value), dtype=torch.float32))

    def power_mel(self, a, b, a_mirrored, b_mirrored):
        """Blocks [..., 128 of 256] and their mirror images → mel power [..., 64]."""
        even_outer, odd_outer = (a + b_mirrored) * self.outer, (a - b_mirrored) * self.outer
        even_inner, odd_inner = (a_mirrored + b) * self.inner, (a_mirrored - b) * self.inner
        ce = (even_outer + even_inner) @ self.cos_even
        co = (even_outer - even_inner) @ self.cos_odd
        se = (odd_outer - odd_inner) @ self.sin_even
        so = (odd_outer + odd_inner) @ self.sin_odd
        return (ce * ce + se * se) @ self.mel_even + (co * co + so * so) @ self.mel_odd

    def forward(self, waveform):
        x = waveform - waveform.mean(-1, keepdim=True)
        level = torch.sqrt((x * x).mean(-1, keepdim=True) + LEVEL_FLOOR ** 2)
        x = F.pad(x / level, (0, (FRAMES + 1) * HOP - SAMPLES))
        blocks = x.reshape(-1, FRAMES + 1, HOP)[..., :128]
        mirrored = x.reshape(-1, FRAMES + 1, HOP)[..., 128:].flip(-1)
        power = self.power_mel(blocks[:, :-1], blocks[:, 1:], mirrored[:, :-1], mirrored[:, 1:])
        return (torch.log(power + LOG_FLOOR) - 2.0) * 0.3


def block(inputs, outputs, stride):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Trunk(nn.Module):
    """Log-mel [n, 62, 64] → features [n, FEATURES]: strided 3×3 convolutions; the mean and maximum over time per band."""

    def __init__(self, widths=WIDTHS):
        super().__init__()
        a, b, c, d = widths
        self.bands = nn.BatchNorm1d(MELS)
        self.layers = nn.Sequential(
            block(1, a, 2),            # 31 × 32
            block(a, b, 2),            # 16 × 16
            block(b, c, 2),            # 8 × 8
            block(c, c, 1),            # 8 × 8
            block(c, d, 2),            # 4 × 4
            block(d, d, 1),            # 4 × 4
        )
        self.features = d * 4 * 2

    def forward(self, log_mel):
        x = self.bands(log_mel.transpose(1, 2)).transpose(1, 2).unsqueeze(1)
        x = self.layers(x)                              # [n, d, time 4, band 4]
        x = torch.cat([x.mean(2), x.amax(2)], 1)        # [n, 2d, 4]
        return x.flatten(1)


class Clameur(nn.Module):
    """Hard-label head over the three alert classes, and a distilled head over all classes, from one trunk."""

    def __init__(self, widths=WIDTHS, dropout=0.2):
        super().__init__()
        self.trunk = Trunk(widths)
        self.dropout = nn.Dropout(dropout)
        self.hard = nn.Linear(self.trunk.features, ALERTS)
        self.taught = nn.Linear(self.trunk.features, len(CLASSES))
        self.everything = nn.Linear(self.trunk.features, 521)   # the teacher's own classes; thrown away afterwards

    def forward(self, log_mel):
        features = self.dropout(self.trunk(log_mel))
        return self.hard(features), self.taught(features), self.everything(features)


class Deployed(nn.Module):
    """Samples → calibrated probabilities: front end, trunk, and the two heads summed into one linear layer."""

    def __init__(self, model, taught_share, scale, offset):
        """`scale` and `offset` [classes] calibrate the summed logits (Platt)."""
        super().__init__()
        self.front = FrontEnd()
        self.trunk = model.trunk
        weight, bias = model.taught.weight.detach().clone(), model.taught.bias.detach().clone()
        weight[:ALERTS] = model.hard.weight + taught_share * weight[:ALERTS]
        bias[:ALERTS] = model.hard.bias + taught_share * bias[:ALERTS]
        self.head = nn.Linear(weight.shape[1], weight.shape[0])
        self.head.weight.data = weight * scale[:, None]
        self.head.bias.data = bias * scale + offset

    def forward(self, waveform):
        return torch.sigmoid(self.head(self.trunk(self.front(waveform))))


def multiply_adds(widths=WIDTHS):
    """Of one patch: (front end, trunk)."""
    last = int(np.flatnonzero(mel_matrix().sum(axis=1))[-1]) + 1
    front = FRAMES * (128 * 2 * last + last * MELS + 2 * WINDOW)
    total, size, channels = 0, (FRAMES, MELS), 1
    a, b, c, d = widths
    for out, stride in ((a, 2), (b, 2), (c, 2), (c, 1), (d, 2), (d, 1)):
        size = tuple(math.ceil(s / stride) for s in size)
        total += size[0] * size[1] * channels * out * 9
        channels = out
    return front, total + d * 8 * len(CLASSES)


if __name__ == "__main__":
    # The folded transform against numpy's FFT.
    front = FrontEnd()
    noise = torch.randn(1, SAMPLES)
    x = noise[0].numpy().astype(np.float64)
    x = np.pad((x - x.mean()) / x.std(), (0, 128))
    window = 0.5 + 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) - (WINDOW - 1) / 2) / WINDOW)
    frames = np.stack([x[i * HOP: i * HOP + WINDOW] for i in range(FRAMES)]) * window
    expected = (np.log(np.abs(np.fft.rfft(frames)) ** 2 @ mel_matrix() + LOG_FLOOR) - 2.0) * 0.3
    error = np.abs(front(noise)[0].numpy() - expected).max()
    print(f"folded DFT against FFT: largest difference {error:.1e}; multiply-adds {multiply_adds()}")
    assert error < 1e-4
