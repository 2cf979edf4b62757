"""Train the network on patches; writes a .pt. Prints what it reaches on the validation patches.

Patches are mixed with each other as mel powers, which add: every pass hears other mixtures.
"""
import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from classes import ALERTS, CLASSES
from data import Patches
from metrics import auc, recall_at
from network import FRAMES, MELS, Clameur, level

MIXED = 0.55                # share of patches that get another under them
RATIO_DB = (-4.0, 26.0)     # loudest 50 ms of the one to the mean of the other
LIVE_RATIO_DB = (6.0, 30.0)  # recorded from afar, these have their own noise
LOUDEST_FRAMES = 4
TAUGHT_ALERTS = 3.0         # weight of the teacher's alert classes beside its others
WHICH = 0.3                 # weight of telling a shot from an explosion


def curves(n, generator):
    """Random colours [n, 1, MELS], power factors: a tilt, a bump, and for some a low-pass or a high-pass."""
    band = torch.linspace(-1, 1, MELS)
    tilt = 4 * torch.randn(n, 1, generator=generator) * band
    centre, width = 2 * torch.rand(n, 1, generator=generator) - 1, 0.1 + 0.5 * torch.rand(n, 1, generator=generator)
    bump = 4 * torch.randn(n, 1, generator=generator) * torch.exp(-torch.square((band - centre) / width))
    edge = 0.2 + 1.2 * torch.rand(n, 1, generator=generator)
    low = -60 * F.relu(band - edge) * (torch.rand(n, 1, generator=generator) < 0.25)
    high = -40 * F.relu(-band - 0.3 - torch.rand(n, 1, generator=generator)) * (torch.rand(n, 1, generator=generator) < 0.2)
    return 10 ** ((tilt + bump + low + high) / 10).unsqueeze(1)


def warped(power, generator):
    """Half of the patches [n, frames, MELS] stretched in time by up to a quarter and shifted by up to two bands and a half:
    rooms, weapons and engines that nobody recorded."""
    n = len(power)
    draw = lambda: 2 * torch.rand(n, generator=generator) - 1
    chosen = torch.rand(n, generator=generator) < 0.5
    stretch = torch.where(chosen, 1 + 0.25 * draw(), torch.ones(1))
    shift = torch.where(chosen, 2.5 * 2 / MELS * draw(), torch.zeros(1))
    # grid_sample takes (x, y) = (band, frame), each from -1 to 1; the stretch is about a place of its own.
    about = draw()
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 2] = 1, shift
    theta[:, 1, 1], theta[:, 1, 2] = stretch, about * (1 - stretch)
    logs = torch.log(power + 1e-7).unsqueeze(1)
    grid = F.affine_grid(theta, logs.shape, align_corners=False)
    return torch.exp(F.grid_sample(logs, grid, padding_mode="border", align_corners=False)).squeeze(1)


class Mixer:
    """Draws batches: patches, coloured and warped, a third of the alerts together with another of their own kind, about half of all
    over another patch that raises no alert, some beginning with silence."""

    def __init__(self, patches, generator):
        self.patches, self.generator = patches, generator
        self.kin = [torch.from_numpy(np.flatnonzero((patches.labels[:, c] == 1).numpy() & ~np.char.startswith(patches.kinds.astype(str), "live")))
                    for c in range(ALERTS)]
        quiet = (patches.labels == 0).all(1).numpy() & np.isin(patches.kinds, ["neg", "noise", "live_background", "simulated"])
        self.under = torch.from_numpy(np.flatnonzero(quiet))
        self.live = torch.from_numpy(np.char.startswith(patches.kinds.astype(str), "live"))

    def draw(self, index):
        """→ power [n, frames, bands], labels, teacher, taught, embedding, weight of the taught, weight of the embedding."""
        p, generator, n = self.patches, self.generator, len(index)
        rand = lambda *size: torch.rand(*size, generator=generator)
        power = level(p.power(index) * torch.where(rand(n, 1, 1) < 0.5, curves(n, generator), torch.ones(1)))
        labels, teacher, taught = p.labels[index], p.teacher[index].float(), p.taught[index]
        power, teacher, taught = self.joined(warped(power, generator), labels, teacher, taught)
        other = self.under[torch.randint(len(self.under), (n,), generator=generator)]
        below = p.power(other)
        shift = int(torch.randint(FRAMES, (1,), generator=generator))
        below = level(torch.roll(below, shift, 1) * curves(n, generator))
        low, high = [torch.where(self.live[index], b, a) for a, b in zip(RATIO_DB, LIVE_RATIO_DB)]
        ratio_db = low + (high - low) * rand(n)
        mixed = rand(n) < MIXED
        loudest = F.avg_pool1d(power.mean(2).unsqueeze(1), LOUDEST_FRAMES, 1).amax((1, 2))
        gain = torch.where(mixed, loudest * 10 ** (-ratio_db / 10), torch.zeros(1))
        # Powers add only on average: what interferes within a band of a frame scatters about their sum.
        scatter = 1 + 0.25 * torch.randn(power.shape, generator=generator)
        power = level(power + gain[:, None, None] * below * scatter.clamp(min=0.1))
        power = begun(power, torch.nan_to_num(labels[:, :2], nan=1.0).amax(1) > 0, generator)
        heard = torch.where(mixed, (1 - ratio_db / 30).clamp(0, 1), torch.zeros(1))[:, None]
        teacher = torch.maximum(teacher, heard * p.teacher[other].float())
        taught = torch.maximum(taught, heard * p.taught[other])
        trust = torch.where(mixed, torch.full((1,), 0.6), torch.ones(1))
        near = torch.where(mixed, (ratio_db / 20).clamp(0, 1), torch.ones(1))
        return power, labels, teacher, taught, p.embedding[index].float(), trust, near

    def joined(self, power, labels, teacher, taught):
        """A third of the shots, explosions and crowds, each together with another one, 0 to 12 dB weaker."""
        p, generator = self.patches, self.generator
        for c, kin in enumerate(self.kin):
            mine = torch.nonzero((labels[:, c] == 1) & (torch.rand(len(labels), generator=generator) < 0.33)).flatten()
            if len(mine) == 0 or len(kin) == 0:
                continue
            other = kin[torch.randint(len(kin), (len(mine),), generator=generator)]
            gain = 10 ** (-1.2 * torch.rand(len(mine), 1, 1, generator=generator))
            power[mine] = level(power[mine] + gain * warped(level(p.power(other)), generator))
            teacher[mine] = torch.maximum(teacher[mine], p.teacher[other].float())
            taught[mine] = torch.maximum(taught[mine], p.taught[other])
        return power, teacher, taught


def begun(power, blasts, generator, share=0.3):
    """Some patches [n, frames, MELS] begin with silence, as the first of a recording do: up to seven tenths of a second of it,
    but before the loudest moment of those that hold a blast (`blasts` [n], bool). A street that sets in is no shot."""
    loudest = (power.mean(2).argmax(1) - 4).clamp(min=0).float()
    most = torch.where(blasts, loudest, torch.full((1,), 0.8 * FRAMES))
    frames = most * torch.rand(len(power), generator=generator) * (torch.rand(len(power), generator=generator) < share)
    return level(power * (torch.arange(FRAMES) >= frames[:, None])[..., None])


def masked_band(power, generator):
    """At times a few bands lost, as a filter or a defect would."""
    n = len(power)
    if torch.rand(1, generator=generator) < 0.3:
        low = int(torch.randint(0, MELS - 6, (1,), generator=generator))
        width = int(torch.randint(2, 6, (1,), generator=generator))
        half = torch.rand(n, generator=generator) < 0.3
        power[half, :, low: low + width] = 1e-5
    return power


def losses(outputs, labels, teacher, taught, embedding, trust, near, weights, summed, share):
    hard, classes, everything, projected = outputs
    known = ~torch.isnan(labels)
    target = torch.nan_to_num(labels)
    per_label = lambda logits: (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * known * weights).sum(1).mean()
    whole = hard + share * classes[:, :ALERTS]
    hard_loss = per_label(hard) + summed * per_label(whole)
    # The teacher's word weighs most where an alert hangs on it: it knows the close shots that no label here teaches.
    alerts = 1 + (TAUGHT_ALERTS - 1) * (torch.arange(classes.shape[1]) < ALERTS)
    each = lambda logits, t, by=1: ((F.binary_cross_entropy_with_logits(logits, t, reduction="none") * by).sum(1) * trust).mean()
    alike = (near * (1 - F.cosine_similarity(projected, embedding))).mean()
    return hard_loss + WHICH * told_apart(whole, labels, taught) + 0.35 * each(classes, taught, alerts) + 0.15 * each(everything, teacher) + alike


def told_apart(summed, labels, taught):
    """Shot or explosion, where it is surely one of them: by how far the explosion's logit is above the shot's, which stands as it is:
    pressed down as well, shots that sound like explosions were lost. Explosions that the teacher takes for shots are left out; the
    others count twice, being half as many."""
    shot = labels[:, 0] == 1
    exploded = (labels[:, 1] == 1) & ~shot & (taught[:, 1] >= taught[:, 0])
    apart = F.binary_cross_entropy_with_logits(summed[:, 1] - summed[:, 0].detach(), exploded.float(), reduction="none")
    return (apart * (shot + 2 * exploded)).mean()


def follow(average, model, step):
    """The average of the weights over about the last hundred steps; less early on, to forget the beginning."""
    keep = min(0.995, step / (step + 10))
    with torch.no_grad():
        for mine, new in zip(average.state_dict().values(), model.state_dict().values()):
            if mine.dtype.is_floating_point:
                mine.lerp_(new, 1 - keep)
            else:
                mine.copy_(new)


def logits(model, patches, share):
    """The summed logits [n, classes] that Deployed would calibrate."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model.summed(patches.power(torch.arange(i, min(i + 512, len(patches)))), share)
                          for i in range(0, len(patches), 512)])


def report(model, patches, title):
    for share in (0.0, 0.5, 1.0):
        scores = logits(model, patches, share).numpy()
        labels = patches.labels.numpy()
        line = []
        for c in range(ALERTS):
            blasts = ["gun", "gun_synth", "explosion", "explosion_synth", "live", "cannon"] if c < 2 else []
            others = scores[(labels[:, c] == 0) & ~np.isin(patches.kinds, blasts), c]
            for kind in np.unique(patches.kinds):
                positive = scores[(labels[:, c] == 1) & (patches.kinds == kind), c]
                if len(positive) >= 20:
                    line.append(f"{kind} {auc(positive, others):.3f}/{recall_at(positive, others)[0]:.2f}")
        print(f"{title}, share {share} (AUC/recall at 1 %): " + ", ".join(line), flush=True)


def weights_of(patches):
    """Weight [n, 3] of each hard label."""
    # A shot is hardly told from an explosion: "explosion, so no shot" is said softly, and not at all where the teacher hears a
    # shot as well, lest shots that sound like explosions be lost; the reverse is said loudly.
    weights = torch.ones(len(patches), ALERTS)
    exploded = patches.labels[:, 1] == 1
    weights[exploded, 0] = 0.12
    weights[exploded & (patches.taught[:, 0] > 0.1), 0] = 0
    return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patches", type=Path, nargs="+", required=True)
    parser.add_argument("--val", type=Path, nargs="+", required=True)
    parser.add_argument("--class-map", type=Path, required=True)
    parser.add_argument("--hold-out", default="", help="a firing position to leave out, such as FP2")
    parser.add_argument("--trunk", default="larger")
    parser.add_argument("--epochs", type=float, default=4.5)
    parser.add_argument("--most", type=int, help="use only so many chunks of patches")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--begin", type=Path, help="go on from what an earlier stage wrote")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.5, help="of the taught head in the score")
    parser.add_argument("--summed", type=float, default=0.3, help="weight of the sum's own loss")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    train, val = Patches(args.patches, args.class_map, args.most), Patches(args.val, args.class_map)
    for patches in (train, val) if args.hold_out else ():
        patches.keep(patches.position() != args.hold_out)
    weights, mixer = weights_of(train), Mixer(train, generator)
    model = Clameur(args.trunk)
    if args.begin:
        model.load_state_dict(torch.load(args.begin)["state"])
    model = model.to(memory_format=torch.channels_last)   # a fifth faster on a CPU
    average = copy.deepcopy(model).requires_grad_(False)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.02)
    saved = lambda: torch.save({"state": average.state_dict(), "trunk": args.trunk, "share": args.share}, args.out)
    short = torch.ops.mkldnn._is_mkldnn_bf16_supported()   # 16-bit products halve the time where the CPU has them
    began, steps = time.time(), len(train) // args.batch
    last = int(args.epochs * steps)
    order, total = None, 0.0
    for step in range(last):
        if step % steps == 0:
            model.train()
            order = torch.randperm(len(train), generator=generator)
        done = step / last
        for group in optimiser.param_groups:
            group["lr"] = args.rate * min(1, done / 0.06 + 0.02) * 0.5 * (1 + math.cos(math.pi * done))
        index = order[step % steps * args.batch:][: args.batch]
        power, *targets = mixer.draw(index)
        with torch.autocast("cpu", torch.bfloat16, enabled=short):
            outputs = model(masked_band(power, generator))
        loss = losses([x.float() for x in outputs], *targets, weights[index], args.summed, args.share)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        follow(average, model, step)
        total += float(loss.detach())
        if step % 200 == 199 or step == last - 1:
            print(f"step {step + 1} of {last}: loss {total / (step % 200 + 1):.4f}, {time.time() - began:.0f} s", flush=True)
            total = 0.0
            saved()
    report(average, val, "validation")
    saved()


if __name__ == "__main__":
    main()
