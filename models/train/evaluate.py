"""Judge an exported model: hours of negatives, live fire pole by pole, close-up and distant positives, odd inputs, speed.

With --choose, writes thresholds that follow from the negatives (see choose()).
"""
import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import onnxruntime

import acoustics as air
import synth
from classes import ALERTS, CLASSES
from metrics import auc, recall_at
from patches import RATE_HZ, LiveFire, Sounds

HOP = RATE_HZ // 2
PATCH = RATE_HZ


class Model:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, patches):
        return np.concatenate([self.session.run(["scores"], {"waveform": np.ascontiguousarray(patches[i: i + 16])})[0]
                               for i in range(0, len(patches), 16)])

    def stream(self, sound):
        """Scores of every patch of a sound on a grid of half a second."""
        count = max(1, (len(sound) - PATCH) // HOP + 1)
        sound = np.pad(sound, (0, max(0, PATCH - len(sound))))
        return self(np.stack([sound[i * HOP: i * HOP + PATCH] for i in range(count)]).astype(np.float32))


def onset_patch(sound, background, at_seconds=0.69):
    """As the service scores an onset: the sound's onset 0.69 s into the patch, a quiet background before and under it."""
    envelope = np.square(sound[: len(sound) // 80 * 80]).reshape(-1, 80).mean(axis=1)
    onset = int(np.flatnonzero(envelope > 0.1 * envelope.max())[0]) * 80 if len(envelope) else 0
    at = int(at_seconds * RATE_HZ) - onset
    out = background.copy()
    low, high = max(0, at), min(PATCH, at + len(sound))
    if high > low:
        out[low:high] += sound[low - at: high - at]
    return out


def quiet(rng, peak):
    return air.noise(rng, PATCH, 1.2) * peak


def negatives(sounds, rng):
    """By kind: long streams (patches on the grid) and single hard sounds (onset patches), of sounds never trained on."""
    streams, singles = {}, {}
    for (kind, sublabel), rows in sorted(sounds.by_kind.items()):
        if kind != "neg":
            continue
        for name, samples in rows:
            sound = samples.astype(np.float32) / 32768
            if len(sound) >= 1.5 * RATE_HZ:
                streams.setdefault(sublabel, []).append((name, sound))
            if sublabel not in ("music", "speech", "other", "UI"):
                singles.setdefault(sublabel, []).append((name, sound))
    return streams, singles


def judge_negatives(model, sounds, rng):
    streams, singles = negatives(sounds, rng)
    scores, names = {}, {}
    for sublabel, rows in streams.items():
        scores[f"stream {sublabel}"] = np.concatenate([model.stream(s) for _, s in rows])
        names[f"stream {sublabel}"] = [n for n, s in rows for _ in range(max(1, (len(s) - PATCH) // HOP + 1))]
    for sublabel, rows in singles.items():
        patches = np.stack([onset_patch(s, quiet(rng, 0.1 * np.abs(s).max())) for _, s in rows]).astype(np.float32)
        distant = np.stack([onset_patch(air.at_distance(rng, s[: 3 * RATE_HZ], rng.uniform(20, 200)), quiet(rng, 0.05 * np.abs(s).max()))
                            for _, s in rows]).astype(np.float32)
        scores[f"onset {sublabel}"] = model(np.concatenate([patches, distant]))
        names[f"onset {sublabel}"] = [n for n, _ in rows] * 2
    for title, make in (("synthetic rain", air.rain), ("synthetic wind", air.gusts),
                        ("synthetic noise", lambda r, n: air.noise(r, n, r.uniform(0, 2)))):
        scores[title] = np.concatenate([model.stream(0.2 * make(rng, 30 * RATE_HZ)) for _ in range(20)])
        names[title] = [title] * len(scores[title])
    return scores, names


def judge_live(model, folder, prefixes):
    """Per recorded arrival: the onset patch's scores. Per recording: everything on the grid."""
    live = LiveFire(folder, prefixes)
    onsets, rows = [], []
    for place, name, sound, expected, arrival in live.shots:
        start = int((arrival + 0.3125) * RATE_HZ) - PATCH
        patch = np.zeros(PATCH, np.float32)
        low = max(0, start)
        patch[low - start:][: len(sound[low: start + PATCH])] = sound[low: start + PATCH]
        onsets.append(patch)
        rows.append((place, name))
    scores = model(np.stack(onsets))
    grid, background = [], []
    seen = set()
    for place, name, sound, expected, _ in live.shots:
        if name in seen:
            continue
        seen.add(name)
        s = model.stream(sound)
        times = np.arange(len(s)) * 0.5
        near = np.array([np.any((expected > t - 1.2) & (expected < t + 1)) for t in times])
        grid.append(s)
        background.append(s[~near])
    return rows, scores, np.concatenate(grid), np.concatenate(background)


def positives(sounds, rng, kind, distant):
    patches = []
    for key in sounds.keys(kind):
        for name, samples in sounds.by_kind[key]:
            if kind == "crowd" and ("tennis" in key[1] or key[1] == "applause"):
                continue
            sound = samples[: 8 * RATE_HZ].astype(np.float32) / 32768
            for _ in range(3 if distant else 1):
                s = air.at_distance(rng, sound, rng.uniform(80, 400)) if distant else sound
                loud = np.sqrt(np.square(s[: len(s) // 800 * 800].reshape(-1, 800)).mean(1).max()) if len(s) > 800 else 0.1
                noise = air.noise(rng, PATCH, rng.uniform(0.5, 2))
                noise *= loud * 10 ** (-(10 if distant else 40) / 20) / np.sqrt(np.square(noise).mean())
                if kind == "crowd":
                    s = np.tile(s, PATCH // len(s) + 1)[:PATCH] if len(s) < PATCH else s[len(s) // 2 - PATCH // 2:][:PATCH]
                    patches.append(s + noise)
                else:
                    patches.append(onset_patch(s, noise, 0.69 if distant else 0.3))
    return np.stack(patches).astype(np.float32) if patches else np.zeros((0, PATCH), np.float32)


def odd_inputs(model):
    t = np.arange(PATCH) / RATE_HZ
    cases = {"zeros": 0 * t, "one sample": np.eye(1, PATCH)[0], "1e-5 noise": 1e-5 * np.random.default_rng(0).standard_normal(PATCH),
             "DC 0.5": 0 * t + 0.5, "clipped sine": np.clip(9 * np.sin(2 * np.pi * 300 * t), -1, 1), "1e-30": 0 * t + 1e-30,
             "full-scale square": np.sign(np.sin(2 * np.pi * 100 * t) + 1e-9), "half lost": np.where(t < 0.5, 0, 0.1 * np.sin(999 * t))}
    for name, wave in cases.items():
        s = model(wave[None].astype(np.float32))[0]
        assert np.isfinite(s).all() and (s >= 0).all() and (s <= 1).all(), name
        print(f"  {name}: " + " ".join(f"{v:.3f}" for v in s[:ALERTS]))


def choose(scores, live_background):
    """Thresholds from negatives alone. They are mixed so that no kind of sound counts more than 1,500 times.

    `on`: passed by one negative patch in 100, at least 0.25, at most 0.6 (crowds 0.85, heard over seconds without
    arrivals that must agree): other poles must agree before it is an alert.
    `alone`: passed by one in 10,000, between 0.9 and 0.995. `off`: two thirds of `on`.
    """
    rng = np.random.default_rng(3)
    pooled = np.concatenate([s[rng.permutation(len(s))[:1500]] for s in [*scores.values(), live_background]])
    out = {}
    for c, name in enumerate(CLASSES[:ALERTS]):
        on = float(np.clip(np.quantile(pooled[:, c], 0.99), 0.25, 0.85 if name == "crowd_clamour" else 0.6))
        alone = float(np.clip(np.quantile(pooled[:, c], 0.9999), 0.9, 0.995))
        out[name] = {"on": round(on, 3), "off": round(on * 2 / 3, 3), "alone": round(alone, 3)}
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--sounds", type=Path, nargs="+", required=True)
    parser.add_argument("--scenes", type=Path)
    parser.add_argument("--live", nargs="*", default=["FP1", "FP2", "FP3"])
    parser.add_argument("--split", default="test")
    parser.add_argument("--choose", type=Path)
    args = parser.parse_args()
    model, rng = Model(args.model), np.random.default_rng(7)
    sidecar = json.loads(args.model.with_suffix(".json").read_text())
    thresholds = sidecar["thresholds"]

    print("odd inputs (gunshot explosion crowd):")
    odd_inputs(model)
    sounds = Sounds(args.sounds, args.split)
    scores, names = judge_negatives(model, sounds, rng)
    pooled = np.concatenate(list(scores.values()))
    live = judge_live(model, args.scenes, args.live) if args.scenes else None
    if args.choose:
        thresholds = choose(scores, live[3] if live else np.zeros((0, len(CLASSES))))
        args.choose.write_text(json.dumps(thresholds, indent=2) + "\n")
    print("thresholds", json.dumps(thresholds))
    print(f"negatives: {len(pooled)} patches; above on / alone, highest:")
    for title, s in scores.items():
        line = []
        for c, name in enumerate(CLASSES[:ALERTS]):
            t = thresholds[name]
            line.append(f"{name} {(s[:, c] > t['on']).sum()}/{(s[:, c] > t['alone']).sum()} {s[:, c].max():.3f}")
        print(f"  {title} ({len(s)}): " + ", ".join(line))
    for c, name in enumerate(CLASSES[:ALERTS]):
        flat = [(s[i, c], title, names[title][i]) for title, s in scores.items() for i in np.argsort(-s[:, c])[:3]]
        print(f"  worst for {name}: " + "; ".join(f"{v:.2f} {t} {n.split('/')[-1]}" for v, t, n in sorted(flat, reverse=True)[:5]))

    if live:
        rows, onset, grid, background = live
        gun = thresholds["gunshot"]
        for place in sorted({p for p, _ in rows}):
            mine = np.array([p == place for p, _ in rows])
            s = onset[mine]
            print(f"live {place}: {mine.sum()} arrivals, gunshot > on {(s[:, 0] > gun['on']).mean():.3f}, > alone {(s[:, 0] > gun['alone']).mean():.3f}, "
                  f"explosion > gunshot {(s[:, 1] > s[:, 0]).mean():.3f}, explosion > on {(s[:, 1] > thresholds['explosion']['on']).mean():.3f}, "
                  f"crowd > on {(s[:, 2] > thresholds['crowd_clamour']['on']).mean():.3f}; "
                  f"AUC against background {auc(s[:, 0], background[:, 0]):.4f}, recall at 1 % {recall_at(s[:, 0], background[:, 0])[0]:.3f}")
        print(f"live background, {len(background)} patches: gunshot > on {(background[:, 0] > gun['on']).sum()}, max {background.max(0)[:ALERTS].round(3)}; "
              f"whole grid, {len(grid)}: max explosion {grid[:, 1].max():.3f}, max crowd {grid[:, 2].max():.3f}")

    for distant in (False, True):
        for c, kind in enumerate(("gunshot", "explosion", "crowd")):
            patches = positives(sounds, rng, kind, distant)
            if len(patches):
                s = model(patches)
                recall, threshold = recall_at(s[:, c], pooled[:, c])
                print(f"{kind}, {'distant at 10 dB' if distant else 'clean'} ({len(s)}): AUC {auc(s[:, c], pooled[:, c]):.3f}, recall at 1 % false {recall:.2f} "
                      f"(score > {threshold:.2f}), > on {(s[:, c] > thresholds[CLASSES[c]]['on']).mean():.2f}, > alone {(s[:, c] > thresholds[CLASSES[c]]['alone']).mean():.2f}; "
                      f"others' means {s[:, :ALERTS].mean(0).round(2)}")
    for title, make in (("synthetic shots 50 to 400 m", synth.shot), ("synthetic explosions 100 to 500 m", synth.explosion)):
        s = model(np.stack([onset_patch(air.at_distance(rng, make(rng), rng.uniform(80, 450)), quiet(rng, 0.02)) for _ in range(100)]).astype(np.float32))
        print(f"{title}: means {s[:, :ALERTS].mean(0).round(3)}, gunshot > explosion {(s[:, 0] > s[:, 1]).mean():.2f}")
    for key in sounds.keys("simulated"):
        s = np.concatenate([model.stream(samples.astype(np.float32) / 32768).max(0)[None] for _, samples in sounds.by_kind[key]])
        print(f"simulated {key[1]} ({len(s)}): highest a sound, median {np.median(s[:, :ALERTS], 0).round(3)}, max {s[:, :ALERTS].max(0).round(3)}")
    batch = (0.1 * rng.standard_normal((16, PATCH))).astype(np.float32)
    times = []
    for _ in range(60):
        began = time.thread_time()
        model(batch)
        times.append((time.thread_time() - began) / 16 * 1000)
    print(f"CPU time a patch at batch 16, one thread: median {np.median(times):.3f} ms, least {min(times):.3f} ms")


if __name__ == "__main__":
    main()
