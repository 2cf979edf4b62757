"""Judge an exported model on what no training heard, the teacher beside it: clips, live fire, hours of negatives, odd inputs,
speed. Prints, and writes everything as JSON. With --choose, also writes thresholds that follow from the negatives."""
import argparse
import json
import time
from pathlib import Path

import numpy as np
import onnxruntime

import acoustics as air
import clips
from classes import ALERTS, CLASSES, teacher_columns
from metrics import auc, average_precision, recall_at, recall_interval
from sounds import RATE_HZ, LiveFire, Sounds
from teacher import Teacher

PATCH = RATE_HZ
KINDS = dict(zip(CLASSES[:ALERTS], ("gunshot", "explosion", "crowd")))
# A crowd's negatives hold no laughing and shouting people: those are its weak form.
NO_NEGATIVES = {"crowd_clamour": {"laugh/scream voice"}}
BANDS_METERS = ((0, 150), (150, 300), (300, 1000))
# Of `alone`: the least distance, in logits, above the highest score of any negative.
MARGIN = 0.3
# Patches a pole-day of nothing but such negatives that may pass `on`, and `alone`.
ON_A_DAY, ALONE_A_DAY = 864, 10
ON_BLASTS = {"gunshot": 0.6, "explosion": 0.65}


class Model:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.hop = int(json.loads(path.with_suffix(".json").read_text())["hopSeconds"] * RATE_HZ)

    def __call__(self, patches):
        return np.concatenate([self.session.run(["scores"], {"waveform": np.ascontiguousarray(patches[i: i + 16], np.float32)})[0]
                               for i in range(0, len(patches), 16)])


class TeacherModel:
    """The teacher's scores of our classes, at its own hop."""

    hop = 7800

    def __init__(self, folder):
        self.teacher = Teacher(folder)
        self.columns = list(teacher_columns(folder / "yamnet_class_map.csv").values())

    def __call__(self, patches):
        scores = np.stack([self.teacher(p, None)[0] for p in patches])
        return np.stack([scores[:, c].max(1) if c else np.zeros(len(scores)) for c in self.columns], 1)


def grid(sound, hop):
    sound = np.pad(sound, (0, max(0, PATCH - len(sound))))
    return [sound[i: i + PATCH] for i in range(0, len(sound) - PATCH + 1, hop)]


def highest(model, sounds):
    """The highest scores [n, classes] of each sound over the grid."""
    patches = [grid(s, model.hop) for s in sounds]
    scores = model(np.concatenate(patches))
    ends = np.cumsum([len(p) for p in patches])
    return np.stack([scores[a:b].max(0) for a, b in zip([0, *ends[:-1]], ends)])


def judge_clips(model, sets, out):
    """Every positive against every street sound, most of them of games and hard; and against the everyday ones alone."""
    against = {"": sets["negative"], ", everyday": sets["everyday"]}
    scores = {title: {kind: highest(model, rows) for kind, rows in negative.items()} for title, negative in against.items()}
    for c, name in enumerate(KINDS):
        for condition, rows in sets[name].items():
            score = highest(model, rows)[:, c]
            for title, negative in scores.items():
                pooled = np.concatenate([s[:, c] for kind, s in negative.items() if kind not in NO_NEGATIVES.get(name, ())])
                out[f"{name}, {condition}{title}"] = {
                    "clips": len(score), "negatives": len(pooled), "auc": auc(score, pooled), "ap": average_precision(score, pooled),
                    "recall": recall_at(score, pooled)[0], "interval": recall_interval(score, pooled)}


def onset_patches(sound, most_a_second=2):
    """Patches as the service makes them for onsets: each jump of 8 dB over the half second before, 0.31 s before the end."""
    frames = np.sqrt(np.square(sound[: len(sound) // 160 * 160]).reshape(-1, 160).mean(1)) + 1e-5
    before = np.convolve(frames, np.ones(50) / 50)[: len(frames)]
    before = np.concatenate([np.full(2, 1e-3 * frames.max() + 1e-5), before[:-2]]) if len(frames) > 2 else frames
    jumps = np.flatnonzero(frames > 2.5 * before)
    out, last = [], -10**9
    for j in jumps:
        if j - last >= 100 // most_a_second:
            end = j * 160 + 5000
            patch = np.zeros(PATCH, np.float32)
            low, high = max(0, end - PATCH), min(len(sound), end)
            patch[low - (end - PATCH): high - (end - PATCH)] = sound[low:high]
            out.append(patch)
            last = j
    return out


def judge_negatives(model, corpora):
    """Every held-out negative whole: (hours, scores by kind of every grid and onset patch, the sounds' names)."""
    scores, names, samples_heard = {}, {}, 0
    for sounds in corpora:
        for (kind, sublabel), rows in sorted(sounds.by_kind.items()):
            if kind != "neg":
                continue
            for name, samples in rows:
                sound = samples.astype(np.float32) / 32768
                samples_heard += len(sound)
                padded = np.pad(sound, (PATCH // 2, PATCH // 2))
                found = model(np.stack(grid(padded, model.hop) + onset_patches(sound)))
                scores.setdefault(sublabel, []).append(found)
                names.setdefault(sublabel, []).extend([name] * len(found))
    return samples_heard / RATE_HZ / 3600, {k: np.concatenate(v) for k, v in scores.items()}, names


def judge_live(model, live):
    """(scores of each arrival's onset patch, its position, its distance; scores of shot-free patches, their position)"""
    arrivals, places, meters, background, where, seen = [], [], [], [], [], set()
    for (place, name, sound, expected, time_seconds), far in zip(live.shots, live.meters):
        end = int((time_seconds + 0.3125) * RATE_HZ)
        patch = np.zeros(PATCH, np.float32)
        low = max(0, end - PATCH)
        patch[low - (end - PATCH):][: len(sound[low:end])] = sound[low:end]
        arrivals.append(patch)
        places.append(place)
        meters.append(far)
        if name in seen:
            continue
        seen.add(name)
        for start in range(0, len(sound) - PATCH + 1, PATCH // 2):
            t = start / RATE_HZ
            if not np.any((expected > t - 1.2) & (expected < t + 1)):
                background.append(sound[start: start + PATCH])
                where.append(place)
    return model(np.stack(arrivals)), np.array(places), np.array(meters), model(np.stack(background)), np.array(where)


def live_figures(found, out):
    scores, places, meters, background, where = found
    for place in sorted(set(places)):
        mine, theirs = places == place, background[where == place, 0]
        row = {"arrivals": int(mine.sum()), "negatives": len(theirs), "auc": auc(scores[mine, 0], theirs),
               "recall": recall_at(scores[mine, 0], theirs)[0], "interval": recall_interval(scores[mine, 0], theirs),
               "explosionAboveGunshot": float((scores[mine, 1] > scores[mine, 0]).mean())}
        threshold = recall_at(scores[mine, 0], theirs)[1]
        for low, high in BANDS_METERS:
            band = mine & (meters >= low) & (meters < high)
            if band.any():
                row[f"{low} to {high} m"] = [int(band.sum()), float((scores[band, 0] > threshold).mean())]
        out[place] = row


def logit(p):
    return np.log(p / (1 - p))


def tail(scores, a_day):
    """The score that negatives like these would pass so often in a day of one patch a second.

    Above their highest hundredth the logits are taken to fall off exponentially (generalised Pareto of shape 0), so that
    rates far below one in the number of negatives can be asked for.
    """
    share = a_day / 86_400
    z = np.sort(logit(np.clip(scores, 1e-6, 1 - 1e-6)))
    if share * len(z) >= 20:
        return float(np.quantile(scores, 1 - share))
    edge = np.quantile(z, 0.99)
    excess = (z[z > edge] - edge).mean()
    return float(1 / (1 + np.exp(-(edge + excess * np.log(0.01 / share)))))


def choose(scores, background):
    """Thresholds from negatives alone, by how often in a day one pole may be wrong. The negatives are mixed so that no kind
    of sound counts more than 1,500 times; a real street, most of it rumble, passes far less often.

    `on`: other poles must agree before it is an alert. Of blasts ON_BLASTS, which about ON_A_DAY pass or fewer: with a lower one of
    explosions, a crowd that set in at four poles at once was one. Of crowds ON_A_DAY, at most 0.85: seconds are heard, but no arrivals must agree.
    `off`: two thirds of `on`. `alone`: what one pole may say by itself: ALONE_A_DAY, and above the highest score of any negative by
    MARGIN logits, between 0.9 and 0.999. What live fire's microphones heard between shots counts for the rates, not for the
    highest: far echoes of shots are in it.
    """
    rng = np.random.default_rng(3)
    pooled = np.concatenate([s[rng.permutation(len(s))[:1500]] for s in [*scores.values(), background]])
    every = np.concatenate([*scores.values()])
    out = {}
    for c, name in enumerate(KINDS):
        on = float(np.clip(tail(pooled[:, c], ON_A_DAY), 0.25, 0.85)) if name == "crowd_clamour" else ON_BLASTS[name]
        top = float(np.clip(every[:, c].max(), 0.05, 0.999))
        alone = max(tail(pooled[:, c], ALONE_A_DAY), 1 / (1 + (1 - top) / top * np.exp(-MARGIN)))
        print(f"{name}: the negatives' highest {top:.3f}; passed {ON_A_DAY:g} times a day {tail(pooled[:, c], ON_A_DAY):.3f}, "
              f"{ALONE_A_DAY:g} times {tail(pooled[:, c], ALONE_A_DAY):.3f}")
        out[name] = {"on": round(on, 3), "off": round(on * 2 / 3, 3), "alone": round(float(np.clip(alone, 0.9, 0.999)), 3)}
    return out


def print_passed(model, sets, arrivals, thresholds):
    """The share of the positives, by themselves at one pole, above `on` and above `alone`."""
    rows = [(c, name, condition, highest(model, clips)[:, c]) for c, name in enumerate(KINDS) for condition, clips in sets[name].items()]
    for c, name, condition, scores in [*rows, *([(0, "gunshot", "live fire", arrivals[:, 0])] if arrivals is not None else [])]:
        share = {limit: (scores > thresholds[name][limit]).mean() for limit in ("on", "alone")}
        print(f"  {name}, {condition}: {share['on']:.3f} above on, {share['alone']:.3f} above alone")


def odd_inputs(model):
    t = np.arange(PATCH) / RATE_HZ
    cases = {"zeros": 0 * t, "one sample": np.eye(1, PATCH)[0], "1e-5 noise": 1e-5 * np.random.default_rng(0).standard_normal(PATCH),
             "DC 0.5": 0 * t + 0.5, "clipped sine": np.clip(9 * np.sin(2 * np.pi * 300 * t), -1, 1), "1e-30": 0 * t + 1e-30,
             "full-scale square": np.sign(np.sin(2 * np.pi * 100 * t) + 1e-9), "half lost": np.where(t < 0.5, 0, 0.1 * np.sin(999 * t))}
    for name, wave in cases.items():
        s = model(wave[None].astype(np.float32))[0]
        assert np.isfinite(s).all() and (s >= 0).all() and (s <= 1).all(), name
        print(f"  {name}: " + " ".join(f"{v:.3f}" for v in s[:ALERTS]))


def speed(model):
    """CPU milliseconds a second of sound at the shipped hop, one thread, batches of 16: (least, median)."""
    batch = (0.1 * np.random.default_rng(1).standard_normal((16, PATCH))).astype(np.float32)
    times = []
    for _ in range(80):
        began = time.thread_time()
        model(batch)
        times.append((time.thread_time() - began) / 16 * 1000 * RATE_HZ / model.hop)
    return min(times), float(np.median(times))


def clip_sets(corpora):
    """Clips of the test packages and of the validation packages together: neither was trained on."""
    sets = {}
    for name, kind in KINDS.items():
        parts = [clips.positives(sounds, kind, seed) for seed, sounds in enumerate(corpora)]
        sets[name] = {condition: np.concatenate([p[condition] for p in parts]) for condition in parts[0]}
    for title, without in (("negative", ()), ("everyday", clips.NO_EVERYDAY)):
        parts = [clips.negatives(sounds, seed, without=without) for seed, sounds in enumerate(corpora)]
        sets[title] = {k: [x for p in parts for x in p.get(k, [])] for k in sorted({k for p in parts for k in p})}
    return sets


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--sounds", type=Path, nargs="+", required=True)
    parser.add_argument("--scenes", type=Path)
    parser.add_argument("--live", nargs="*", default=["FP1", "FP2", "FP3"])
    parser.add_argument("--teacher", type=Path, help="folder of yamnet.tflite: measured beside")
    parser.add_argument("--choose", type=Path, help="write thresholds here")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--quick", action="store_true", help="leave out the hours of negatives")
    args = parser.parse_args()
    model = Model(args.model)
    thresholds = json.loads(args.model.with_suffix(".json").read_text())["thresholds"]
    print("odd inputs (gunshot explosion crowd):")
    odd_inputs(model)
    corpora = [Sounds(args.sounds, "test"), Sounds(args.sounds, "val")]
    sets = clip_sets(corpora)
    live = LiveFire(args.scenes, args.live) if args.scenes else None
    judged = {"model": model, **({"teacher": TeacherModel(args.teacher)} if args.teacher else {})}
    heard = {title: judge_live(one, live) for title, one in judged.items()} if live else {}
    figures = {}
    for title, one in judged.items():
        figures[title] = {"clips": {}, "live": {}}
        judge_clips(one, sets, figures[title]["clips"])
        if live:
            live_figures(heard[title], figures[title]["live"])
        for part in ("clips", "live"):
            for name, row in figures[title][part].items():
                print(f"{title}, {part}, {name}: " + ", ".join(
                    f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" if not isinstance(v, tuple) else f"{v[0]:.2f} to {v[1]:.2f}"
                    for k, v in row.items()), flush=True)
    if not args.quick:
        hours, scores, names = judge_negatives(model, corpora)
        background = heard["model"][3] if live else np.zeros((0, len(CLASSES)))
        if args.choose:
            thresholds = choose(scores, background)
            args.choose.write_text(json.dumps(thresholds, indent=2) + "\n")
        print("thresholds", json.dumps(thresholds))
        print(f"negatives: {hours:.2f} h of unique sound, {sum(map(len, scores.values()))} patches; above on / alone, highest:")
        figures["negatives"] = {"hours": hours, "kinds": {}}
        for kind, s in [*scores.items(), ("live fire's backgrounds", background)]:
            row = {n: [int((s[:, c] > thresholds[n]["on"]).sum()), int((s[:, c] > thresholds[n]["alone"]).sum()), float(s[:, c].max(initial=0))]
                   for c, n in enumerate(KINDS)}
            figures["negatives"]["kinds"][kind] = {"patches": len(s), **row}
            print(f"  {kind} ({len(s)}): " + ", ".join(f"{n} {a}/{b} {m:.3f}" for n, (a, b, m) in row.items()))
        for c, name in enumerate(KINDS):
            worst = sorted(((s[i, c], names[k][i]) for k, s in scores.items() for i in np.argsort(-s[:, c])[:4]), reverse=True)[:8]
            print(f"  worst for {name}: " + "; ".join(f"{v:.3f} {'/'.join(n.split('/')[::len(n.split('/')) - 1])}" for v, n in worst))
    print("positives at one pole:")
    print_passed(model, sets, heard["model"][0] if live else None, thresholds)
    figures["millisecondsASecond"] = dict(zip(("least", "median"), speed(model)))
    print("CPU time a second of sound at the shipped hop:", figures["millisecondsASecond"])
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
