"""Make the patches to learn from: one second of sound each, its hard labels, and the teacher's scores.

Writes patches.npy (int16 [n, 16000]), labels.npy (float16 [n, 3], NaN where unknown), teacher.npy (float16
[n, 521]), confirmed.npy (int8 [n], a class index or -1) and meta.tsv.
"""
import argparse
import csv
import json
import math
from datetime import datetime
from multiprocessing import Process
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

import acoustics as air
import synth
from classes import CLASSES, SUBLABEL_CLASS, teacher_columns

RATE_HZ = 16_000
PATCH = 16_000
MASKED = math.nan
GUN, EXPLOSION, CROWD = 0, 1, 2

# What a split is made of. Kinds of sound, and their share.
SHARES = {
    "live": 0.14, "live_background": 0.08,
    "gun": 0.14, "gun_synth": 0.08, "explosion": 0.08, "explosion_synth": 0.05,
    "crowd": 0.07, "crowd_synth": 0.05, "cannon": 0.01, "simulated": 0.0,
    "noise": 0.03, "neg": 0.27,
}
# Hard negatives are drawn by sublabel, not by their number of files.
NEG_WEIGHTS = {
    "speech": 4, "music": 4, "rain/wind/water": 5, "engine/vehicle": 5, "door/knock/impact": 6, "thunder": 4,
    "siren/alarm": 2, "animal": 3, "drum/percussion": 3, "laugh/scream voice": 3, "pop/crackle": 3, "fireworks": 2,
    "glass": 2, "footsteps": 1, "gun handling": 2, "sci-fi weapon": 2, "ricochet": 0.5, "other": 5,
    "UI": 1, "qabcs misc": 1, "music/instrument": 1, "horn": 1,
}
GUN_MASKED = {"fireworks", "sci-fi weapon", "ricochet"}


class Sounds:
    """The decoded corpus; draws sounds by class, sublabel and split."""

    def __init__(self, folders, split):
        self.by_kind = {}
        for folder in folders:
            samples = np.memmap(folder / "sounds.i16", np.int16, "r")
            with open(folder / "sounds.tsv", encoding="utf-8") as file:
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                    if row["split"] == split:
                        offset, n = int(row["offset"]), int(row["samples"])
                        key = (row["class"], row["sublabel"])
                        self.by_kind.setdefault(key, []).append((row["name"], samples[offset: offset + n]))

    def keys(self, kind):
        return [key for key in self.by_kind if key[0] == kind]

    def draw(self, rng, key, longest=2 * RATE_HZ):
        name, samples = self.by_kind[key][rng.integers(len(self.by_kind[key]))]
        n = len(samples)
        start = 0 if n <= longest else rng.integers(0, n - longest)
        if key[0] in ("gunshot", "explosion", "cannon"):
            start = 0
        sound = samples[start: start + longest].astype(np.float32) / 32768
        return name, sound - sound.mean()

    def voices(self, rng, n):
        key = ("neg", "speech") if rng.random() < 0.75 or ("neg", "laugh/scream voice") not in self.by_kind \
            else ("neg", "laugh/scream voice")
        _, sound = self.draw(rng, key)
        start = rng.integers(0, max(1, len(sound) - n))
        step = rng.uniform(0.8, 1.35)
        at = (start + np.arange(n) * step) % len(sound)
        out = sound[at.astype(int)]
        return out / (np.abs(out).max() + 1e-6)


class LiveFire:
    """Recordings of live fire: the shots' arrivals at each pole, by folder, and the sound before the first shot."""

    def __init__(self, folder, prefixes):
        self.shots, self.backgrounds = [], []
        for scene in sorted(p for p in folder.iterdir() if p.name[:3] in prefixes):
            self.read(scene)

    def read(self, scene):
        info = json.loads((scene / "scene.json").read_text())
        arrivals = json.loads((scene / "arrivals.json").read_text())
        site = json.loads((scene / "site.geojson").read_text())
        position = {f["properties"]["pole"]: f["geometry"]["coordinates"] for f in site["features"]}
        lon, lat = info["truth"][0]["location"]
        celsius = info["weather"].get("temperatureC", 0)
        speed = 20.05 * math.sqrt(celsius + 273.15)

        def travel(pole):
            east = (position[pole][0] - lon) * 111_320 * math.cos(math.radians(lat))
            north = (position[pole][1] - lat) * 111_320
            return math.hypot(east, north) / speed

        def seconds(text):
            return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

        emitted = {}
        for a in arrivals:
            if a["shot"] is not None and a["pole"] in position:
                emitted.setdefault(a["shot"], []).append(seconds(a["arrival"]) - travel(a["pole"]))
        emitted = {shot: float(np.median(times)) for shot, times in emitted.items()}
        for recording in info["recordings"]:
            sound, rate_hz = soundfile.read(scene / recording["file"], dtype="float32")
            divisor = math.gcd(rate_hz, RATE_HZ)
            sound = resample_poly(sound - sound.mean(), RATE_HZ // divisor, rate_hz // divisor).astype(np.float32)
            start = seconds(recording["start"])
            heard = {a["shot"]: seconds(a["arrival"]) - start
                     for a in arrivals if a["pole"] == recording["pole"] and a["shot"] is not None}
            expected = [heard.get(s, t + travel(recording["pole"]) - start) for s, t in emitted.items()]
            place = (scene.name[:3], f"{scene.name}/{recording['pole']}", sound, np.array(sorted(expected)))
            for time in heard.values():
                if 0 < time < len(sound) / RATE_HZ - 0.3:
                    self.shots.append((*place, time))
            if expected and min(expected) > 1.2:
                self.backgrounds.append((*place, 0.0))


class Maker:
    def __init__(self, args, split, seed):
        self.rng = np.random.default_rng(seed)
        self.sounds = Sounds(args.sounds, split)
        self.live = LiveFire(args.scenes, args.live) if args.scenes else None
        self.shares = dict(SHARES)
        if args.only_live:
            self.shares = {"live": 0.6, "live_background": 0.4}
        if args.simulated_share:
            self.shares["simulated"] = args.simulated_share
        if not self.live:
            self.shares["live"] = self.shares["live_background"] = 0
        for kind in list(self.shares):
            if kind in ("gun", "explosion", "crowd", "cannon", "simulated") and \
                    not self.sounds.keys({"gun": "gunshot"}.get(kind, kind)):
                self.shares[kind] = 0
        self.kinds = list(self.shares)
        total = sum(self.shares.values())
        self.p = [self.shares[k] / total for k in self.kinds]

    # -- backgrounds -------------------------------------------------------------------------------------------
    def background(self):
        """One patch of street: recorded or synthetic, peak 1, that holds no shot, explosion or crowd."""
        rng = self.rng
        draw = rng.random()
        if self.live and draw < 0.2:
            _, _, sound, expected, _ = self.live.backgrounds[rng.integers(len(self.live.backgrounds))]
            out = self.cut(sound, rng.uniform(0, max(0.01, min(expected) - 1.1)))
        elif draw < 0.45:
            out = air.noise(rng, PATCH, rng.uniform(0, 2.2))
        elif draw < 0.55:
            out = air.gusts(rng, PATCH)
        elif draw < 0.62:
            out = air.rain(rng, PATCH)
        else:
            sublabel = rng.choice(["rain/wind/water", "engine/vehicle", "speech", "music", "animal", "other"],
                                  p=[0.3, 0.3, 0.15, 0.15, 0.05, 0.05])
            _, sound = self.sounds.draw(rng, ("neg", str(sublabel)))
            out = self.looped(sound)
        return out / (np.abs(out).max() + 1e-6)

    def looped(self, sound):
        if len(sound) < PATCH:
            sound = np.tile(sound, PATCH // len(sound) + 2)
        start = self.rng.integers(0, len(sound) - PATCH + 1)
        return sound[start: start + PATCH].copy()

    def cut(self, sound, start_seconds):
        """One patch that starts at a time of the sound, silence outside it."""
        start = int(start_seconds * RATE_HZ)
        out = np.zeros(PATCH, np.float32)
        low, high = max(0, start), min(len(sound), start + PATCH)
        if high > low:
            out[low - start: high - start] = sound[low:high]
        return out

    def mixed(self, patch, low_db, high_db):
        """The patch over a background; the ratio is of the patch's loudest 50 ms to the background's level."""
        ratio_db = self.rng.uniform(low_db, high_db)
        background = self.background()
        loudest = np.sqrt(np.square(patch).reshape(20, -1).mean(axis=1).max()) + 1e-9
        level = np.sqrt(np.square(background).mean()) + 1e-9
        return patch / loudest + background / level * 10 ** (-ratio_db / 20), ratio_db

    def onset_at(self):
        """Where in the patch an impulse begins: where the service's onset patches put it, or anywhere."""
        rng = self.rng
        return rng.uniform(0.6, 0.77) if rng.random() < 0.5 else rng.uniform(0.02, 0.93)

    def impulse(self, sound, steady=False):
        """A patch in which the sound's onset (or, if long, one of its loud moments) lies where onset_at says."""
        envelope = np.square(sound[: len(sound) // 80 * 80]).reshape(-1, 80).mean(axis=1)
        if len(envelope) == 0 or not envelope.any():
            return self.cut(sound, 0)
        loud = np.flatnonzero(envelope > 0.1 * envelope.max())
        onset = loud[0] if not steady or self.rng.random() < 0.5 else self.rng.choice(loud)
        return self.cut(sound, onset / 200 - self.onset_at())

    def far(self, sound, nearest=3, farthest=600):
        rng = self.rng
        sound = air.at_speed(rng, sound)
        if rng.random() < 0.7:
            sound = air.at_distance(rng, sound, math.exp(rng.uniform(math.log(nearest), math.log(farthest))))
        return sound

    # -- one patch ---------------------------------------------------------------------------------------------
    def make(self):
        kind = self.kinds[self.rng.choice(len(self.kinds), p=self.p)]
        name, patch, labels, confirmed = getattr(self, "make_" + kind)()
        if not kind.startswith("live") and self.rng.random() < 0.4:
            patch = air.coloured(self.rng, patch)
        return kind, name, air.through_link(self.rng, patch), labels, confirmed

    def make_live(self):
        rng = self.rng
        place, name, sound, expected, time = self.live.shots[rng.integers(len(self.live.shots))]
        step = 1.0
        if rng.random() < 0.4:
            step = (20 + int(rng.integers(-3, 4))) / 20
            sound = resample_poly(sound, 20, int(round(step * 20))).astype(np.float32)
        patch = self.cut(sound, time / step - self.onset_at())
        if rng.random() < 0.4:
            patch = air.coloured(rng, patch)
        if rng.random() < 0.25:
            patch = air.at_distance(rng, patch, rng.uniform(20, 200))[:PATCH]
        if rng.random() < 0.4:
            patch, _ = self.mixed(patch, 5, 30)
        return f"{place}:{name}", patch, (1, 0, 0), -1

    def make_live_background(self):
        rng = self.rng
        place, name, sound, expected, _ = self.live.backgrounds[rng.integers(len(self.live.backgrounds))]
        patch = self.cut(sound, rng.uniform(0, max(0.01, min(expected) - 1.05)))
        if rng.random() < 0.4:
            patch = air.coloured(rng, patch)
        if rng.random() < 0.3:
            patch, _ = self.mixed(patch, 0, 20)
        return f"{place}:{name}", patch, (0, 0, 0), -1

    def blast(self, sound, labels, name, nearest=3):
        patch = self.impulse(self.far(sound, nearest), steady=True)
        if self.rng.random() < 0.8:
            patch, _ = self.mixed(patch, 2, 32)
        return name, patch, labels, -1

    def make_gun(self):
        rng = self.rng
        keys = self.sounds.keys("gunshot")
        sizes = np.sqrt([len(self.sounds.by_kind[k]) for k in keys])
        name, sound = self.sounds.draw(rng, keys[rng.choice(len(keys), p=sizes / sizes.sum())])
        if rng.random() < 0.4 and len(sound) < 1.2 * RATE_HZ:
            sound, _ = synth.burst(rng, sound)
        return self.blast(sound, (1, 0, 0), name)

    def make_gun_synth(self):
        rng = self.rng
        sound = synth.shot(rng)
        if rng.random() < 0.35:
            sound, _ = synth.burst(rng, sound)
        sound = air.at_distance(rng, sound, math.exp(rng.uniform(math.log(25), math.log(600))))
        return self.blast(sound, (1, 0, 0), "synth/shot")

    def make_explosion(self):
        rng = self.rng
        keys = self.sounds.keys("explosion")
        name, sound = self.sounds.draw(rng, keys[0] if len(keys) == 1 or rng.random() < 0.8 else keys[rng.integers(len(keys))])
        return self.blast(sound, (0, 1, 0), name)

    def make_explosion_synth(self):
        return self.blast(synth.explosion(self.rng), (0, 1, 0), "synth/explosion", nearest=60)

    def make_cannon(self):
        keys = self.sounds.keys("cannon")
        name, sound = self.sounds.draw(self.rng, keys[self.rng.integers(len(keys))])
        return self.blast(sound, (MASKED, MASKED, 0), name)

    def make_crowd(self):
        rng = self.rng
        keys = self.sounds.keys("crowd")
        key = keys[rng.integers(len(keys))]
        name, sound = self.sounds.draw(rng, key)
        patch = self.looped(self.far(sound, 5, 300))
        if rng.random() < 0.7:
            patch, _ = self.mixed(patch, 3, 30)
        clapping = "applause" == key[1] or "tennis" in key[1]
        return name, patch, (0, 0, MASKED if clapping else 1), CLASSES.index("applause") if clapping else -1

    def make_crowd_synth(self):
        rng = self.rng
        patch = synth.crowd(rng, self.sounds.voices, PATCH)
        patch = air.at_distance(rng, np.tile(patch, 2), math.exp(rng.uniform(math.log(10), math.log(300))))[PATCH // 2:][:PATCH]
        if rng.random() < 0.7:
            patch, _ = self.mixed(patch, 3, 30)
        return "synth/crowd", patch, (0, 0, 1), -1

    def make_simulated(self):
        rng = self.rng
        keys = self.sounds.keys("simulated")
        kind, sublabel = keys[rng.integers(len(keys))]
        name, sound = self.sounds.draw(rng, (kind, sublabel))
        labels = {"gunshot": (1, 0, 0), "explosion": (0, 1, 0), "crowd_clamour": (0, 0, 1)}.get(sublabel, (0, 0, 0))
        impulsive = labels[0] or labels[1]
        patch = self.impulse(sound) if impulsive else self.looped(sound)
        if rng.random() < 0.4:
            patch, _ = self.mixed(patch, 6, 30)
        return name, patch, labels, CLASSES.index(sublabel) if sublabel in CLASSES[3:] else -1

    def make_noise(self):
        rng = self.rng
        draw = rng.random()
        if draw < 0.4:
            patch = air.noise(rng, PATCH, rng.uniform(-0.5, 2.5))
        elif draw < 0.7:
            patch = air.gusts(rng, PATCH)
        elif draw < 0.97:
            patch = air.rain(rng, PATCH)
        else:
            patch = np.zeros(PATCH, np.float32) + rng.uniform(-0.2, 0.2) + 1e-5 * rng.standard_normal(PATCH)
        if rng.random() < 0.3:
            patch = patch * np.interp(np.arange(PATCH), [0, PATCH], rng.uniform(0, 1, 2)).astype(np.float32)
        return "synth/noise", patch.astype(np.float32), (0, 0, 0), -1

    def make_neg(self):
        rng = self.rng
        sublabels = [k[1] for k in self.sounds.keys("neg") if k[1] in NEG_WEIGHTS]
        weights = np.array([NEG_WEIGHTS[s] for s in sublabels])
        sublabel = str(rng.choice(sublabels, p=weights / weights.sum()))
        name, sound = self.sounds.draw(rng, ("neg", sublabel))
        if rng.random() < 0.5:
            sound = self.far(sound, 3, 300)
        patch = self.impulse(sound, steady=True) if len(sound) < 2 * RATE_HZ or rng.random() < 0.2 else self.looped(sound)
        ratio_db = 40
        if rng.random() < 0.4:
            patch, ratio_db = self.mixed(patch, 2, 30)
        gun = MASKED if sublabel in GUN_MASKED else 0
        named = SUBLABEL_CLASS.get(sublabel) if ratio_db > 8 else None
        return f"{sublabel}:{name}", patch, (gun, 0, 0), CLASSES.index(named) if named else -1


class Teacher:
    """YAMNet in a LiteRT interpreter: 521 scores of a patch."""

    def __init__(self, path):
        from ai_edge_litert.interpreter import Interpreter
        self.interpreter = Interpreter(str(path), num_threads=1, experimental_preserve_all_tensors=False)
        self.interpreter.allocate_tensors()
        details = self.interpreter.get_input_details()[0]
        self.input, self.shape = details["index"], details["shape"]
        self.outputs = [d["index"] for d in self.interpreter.get_output_details()]

    def __call__(self, patch):
        """int16 patch → scores. Quiet patches are raised to a peak of 0.7 first: the teacher knows no far microphone."""
        wave = patch[200: 200 + 15600].astype(np.float32) / 32768
        wave = wave - wave.mean()
        peak = np.abs(wave).max()
        if peak > 2e-4:
            wave = wave * (0.7 / peak)
        self.interpreter.set_tensor(self.input, wave.reshape(self.shape))
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.outputs[0])[0]


CHUNK = 1000   # patches in one file, so that training can begin on what there is


def work(args, part):
    maker = Maker(args, args.split, [args.seed, part, {"train": 0, "val": 1, "test": 2}[args.split]])
    teacher = Teacher(args.teacher)
    columns = teacher_columns(args.class_map)
    for chunk in range(args.count // args.workers // CHUNK):
        write_chunk(args.out, f"{part}-{chunk:03}", [one(maker, teacher, columns) for _ in range(CHUNK)])


def one(maker, teacher, columns):
    kind, name, patch, labels, confirmed = maker.make()
    scores, labels = teacher(patch), list(labels)
    # A "negative" that the teacher takes for a positive may be one: the corpus' negatives were not all heard.
    if kind == "neg":
        for j, c in enumerate(CLASSES[:3]):
            if scores[columns[c]].max() > 0.35:
                labels[j] = MASKED
    return patch, labels, scores, confirmed, f"{kind}\t{name}"


def write_chunk(folder, title, rows):
    patches, labels, scores, confirmed, meta = zip(*rows)
    (folder / f"meta.{title}.tsv").write_text("\n".join(meta) + "\n", encoding="utf-8")
    np.save(folder / f"labels.{title}.npy", np.array(labels, np.float16))
    np.save(folder / f"teacher.{title}.npy", np.array(scores, np.float16))
    np.save(folder / f"confirmed.{title}.npy", np.array(confirmed, np.int8))
    np.save(folder / f"patches.{title}.npy", np.array(patches))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sounds", type=Path, nargs="+", required=True)
    parser.add_argument("--scenes", type=Path, help="folder of live-fire scenes")
    parser.add_argument("--live", nargs="*", default=["FP1", "FP2", "FP3"], help="firing positions to use")
    parser.add_argument("--only-live", action="store_true")
    parser.add_argument("--simulated-share", type=float, default=0)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--class-map", type=Path, required=True)
    parser.add_argument("--split", choices=["train", "val", "test"], default="train")
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    workers = [Process(target=work, args=(args, part)) for part in range(args.workers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise SystemExit(f"a worker failed with {worker.exitcode}")


if __name__ == "__main__":
    main()
