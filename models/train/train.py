"""Train the network on patches; writes model.pt. Prints what it reaches on the validation patches."""
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
from network import WIDTHS, Clameur


def augmented(mels, generator):
    """A small shift in time and level floor, and at times a masked band or stretch; the labels stay true."""
    n, frames, bands = mels.shape
    mels = mels + 0.1 * torch.randn(mels.shape, generator=generator)
    if torch.rand(1, generator=generator) < 0.5:
        low = int(torch.randint(0, bands - 8, (1,), generator=generator))
        width = int(torch.randint(2, 9, (1,), generator=generator))
        half = torch.rand(n, generator=generator) < 0.5
        mels[half, :, low: low + width] = mels[half].mean((1, 2))[:, None, None]
    return mels


def losses(outputs, labels, teacher, taught, weights):
    hard, classes, everything = outputs
    known = ~torch.isnan(labels)
    per_label = F.binary_cross_entropy_with_logits(hard, torch.nan_to_num(labels), reduction="none")
    hard_loss = (per_label * known * weights).sum(1).mean()
    taught_loss = F.binary_cross_entropy_with_logits(classes, taught, reduction="none").sum(1).mean()
    all_loss = F.binary_cross_entropy_with_logits(everything, teacher, reduction="none").sum(1).mean()
    return hard_loss + 0.35 * taught_loss + 0.15 * all_loss


def follow(average, model, step):
    """The average of the weights over about the last hundred steps; less early on, to forget the beginning."""
    keep = min(0.99, step / (step + 10))
    with torch.no_grad():
        for mine, new in zip(average.state_dict().values(), model.state_dict().values()):
            if mine.dtype.is_floating_point:
                mine.lerp_(new, 1 - keep)
            else:
                mine.copy_(new)


def logits(model, patches, share):
    """The summed logits [n, classes] that Deployed would calibrate."""
    model.eval()
    out = []
    with torch.no_grad():
        for i in range(0, len(patches), 512):
            hard, taught, _ = model(patches.mels[i: i + 512].float())
            taught = taught.clone()
            taught[:, :ALERTS] = hard + share * taught[:, :ALERTS]
            out.append(taught)
    return torch.cat(out)


def report(model, patches, share, title):
    scores = logits(model, patches, share).numpy()
    labels = patches.labels.numpy()
    for c in range(ALERTS):
        negative = scores[labels[:, c] == 0, c]
        others = scores[(labels[:, c] == 0) & ~np.isin(patches.kinds, ["gun", "gun_synth", "explosion", "explosion_synth", "live"]), c]
        line = []
        for kind in np.unique(patches.kinds):
            positive = scores[(labels[:, c] == 1) & (patches.kinds == kind), c]
            if len(positive) >= 20:
                line.append(f"{kind} {auc(positive, others):.3f}/{recall_at(positive, others)[0]:.2f}")
        print(f"{title} {CLASSES[c]} ({len(others)} others of {len(negative)}): " + ", ".join(line), flush=True)


def weights_of(train):
    """Weight [n, 3] of each hard label."""
    # A shot is hardly told from an explosion: "explosion, so no shot" is said softly, the reverse loudly.
    weights = torch.ones(len(train), ALERTS)
    weights[(train.labels[:, 1] == 1), 0] = 0.4
    weights[torch.from_numpy(np.isin(train.kinds, ["live", "live_background"])), :] = 1.5
    return weights


def load(args):
    train = Patches(args.patches, args.class_map)
    return train, weights_of(train)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patches", type=Path, nargs="+", required=True)
    parser.add_argument("--val", type=Path, nargs="+", required=True)
    parser.add_argument("--class-map", type=Path, required=True)
    parser.add_argument("--hold-out", default="", help="a firing position to leave out, such as FP2")
    parser.add_argument("--widths", type=int, nargs=4, default=list(WIDTHS))
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop the schedule's clock here")
    parser.add_argument("--growing", action="store_true", help="take up patches that arrive meanwhile")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    train, weights = load(args)
    held = None
    if args.hold_out:
        held = Patches(args.patches, args.class_map)
        held.keep((held.position() == args.hold_out) | ~np.isin(held.kinds, ["live", "live_background"]) & (np.arange(len(held)) % 10 == 0))
        train.keep(train.position() != args.hold_out)
        train.keep((np.arange(len(train)) % 10 != 0) | np.isin(train.kinds, ["live", "live_background"]))
    val = Patches(args.val, args.class_map)
    if held is not None:
        weights = weights_of(train)
    model = Clameur(tuple(args.widths))
    model = model.to(memory_format=torch.channels_last)   # a fifth faster on a CPU
    average = copy.deepcopy(model).requires_grad_(False)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.02)
    began, steps = time.time(), len(train) // args.batch
    for epoch in range(args.epochs):
        model.train()
        order = torch.randperm(len(train), generator=generator)
        total = 0.0
        for step in range(steps):
            done = max((epoch + step / steps) / args.epochs, (time.time() - began) / 60 / args.minutes)
            if done >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = args.rate * min(1, done / 0.08 + 0.02) * 0.5 * (1 + math.cos(math.pi * done))
            index = order[step * args.batch: (step + 1) * args.batch]
            mels = augmented(train.mels[index].float(), generator)
            loss = losses(model(mels), train.labels[index], train.teacher[index], train.taught[index], weights[index])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            follow(average, model, epoch * steps + step)
            total += float(loss.detach())
        print(f"epoch {epoch + 1}: loss {total / max(1, step):.4f}, {len(train)} patches, {time.time() - began:.0f} s", flush=True)
        torch.save({"state": average.state_dict(), "widths": args.widths, "share": args.share}, args.out)
        if args.growing and not args.hold_out and epoch % 2 == 0:
            train, weights = load(args)
            steps = len(train) // args.batch
        if done >= 1:
            break
    model = average
    report(model, val, args.share, "val")
    if held is not None:
        report(model, held, args.share, f"held out {args.hold_out}")
    torch.save({"state": model.state_dict(), "widths": args.widths, "share": args.share}, args.out)


if __name__ == "__main__":
    main()
