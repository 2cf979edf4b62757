"""Make the patches to learn from: one second of sound each, its hard labels, and what the teacher makes of it.

Writes, in chunks: patches (int16 [n, 16000]), labels (float16 [n, 3], NaN where unknown), teacher (float16 [n, 521]),
embedding (float16 [n, 1024]), confirmed (int8 [n], a class index or -1) and meta.tsv (kind, name). Most patches hold one
sound; train.py mixes them with each other.
"""
import argparse
import csv
import math
from multiprocessing import Process
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

import acoustics as air
import synth
from classes import ALERTS, CLASSES, SUBLABEL_CLASS, teacher_columns
from sounds import RATE_HZ, LiveFire, Sounds
from teacher import Teacher

PATCH = 16_000
MASKED = math.nan
CHUNK = 500

# What a set is made of: kinds of sound, and their shares. The mixed kinds are made as sets of their own (--only).
SHARES = {
    "live": 0.09, "live_background": 0.05,
    "gun": 0.20, "gun_mixed": 0, "gun_synth": 0.06, "explosion": 0.09, "explosion_mixed": 0, "explosion_synth": 0.04,
    "crowd": 0.10, "crowd_synth": 0.04, "cannon": 0.01, "simulated": 0.14,
    "noise": 0.04, "struck_synth": 0.04, "voice_synth": 0.02, "street_synth": 0.06, "neg": 0.28,
}
# Hard negatives are drawn by sublabel, not by their number of files.
NEG_WEIGHTS = {
    "speech": 4, "music": 4, "rain/wind/water": 6, "engine/vehicle": 8, "door/knock/impact": 6, "thunder": 3,
    "siren/alarm": 2, "animal": 5, "drum/percussion": 3, "laugh/scream voice": 4, "pop/crackle": 5, "fireworks": 1,
    "glass": 2, "footsteps": 2, "gun handling": 2, "sci-fi weapon": 2, "ricochet": 0.3, "other": 7,
    "UI": 1, "music/instrument": 1, "horn": 0.5,
}
# Neither shots nor surely none: the gun's label is left open.
GUN_MASKED = {"fireworks", "sci-fi weapon", "ricochet"}
# Labels that stay "no shot" whatever the teacher takes the sound for; for others the teacher is followed.
TRUSTED = {"door/knock/impact", "drum/percussion", "footsteps", "gun handling", "thunder", "speech", "animal",
           "rain/wind/water", "glass", "siren/alarm", "music/instrument", "UI", "horn", "laugh/scream voice"}
FOLLOWED = 0.35
# Explosions it knows less well. Below this it does not hear one.
FAINT = 0.2
# The class of the recordings that a kind is made of, where it has another name.
RECORDED = {"gun": "gunshot", "gun_mixed": "gunshot", "explosion_mixed": "explosion"}
# What drowns a shot for the teacher does not drown it for us: its score of the sound alone counts too.
ALONE_SHARE = 0.9

class Maker:
    def __init__(self, args, split, seed, teacher):
        self.rng = np.random.default_rng(seed)
        self.teacher, self.columns = teacher, teacher_columns(args.teacher / "yamnet_class_map.csv")
        self.alone = None   # the teacher's scores of the alert classes for what this patch was made of, where they were asked for
        self.sounds = Sounds(args.sounds, split)
        # What the teacher knows for a shot is drawn three times as often as what it does not.
        self.gun_chances = {name: 0.4 + 0.8 * scores["gunshot"] for name, scores in args.inspected_scores.items()}
        self.live = LiveFire(args.scenes, args.live) if args.scenes else None
        # What is held out for the proof is in no mixture either.
        self.streets = [b for b in self.live.backgrounds if b[0] != args.hold_out] if self.live else []
        self.shares = dict(SHARES) if args.only is None else {args.only: 1}
        if not self.live and args.only is None:
            self.shares["live"] = self.shares["live_background"] = 0
        for kind in list(self.shares):
            if kind in (*RECORDED, "explosion", "crowd", "cannon", "simulated") and not self.sounds.keys(RECORDED.get(kind, kind)):
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
            _, _, sound, expected, _ = self.streets[rng.integers(len(self.streets))]
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
        return rng.uniform(0.6, 0.77) if rng.random() < 0.4 else rng.uniform(-0.03, 0.94)

    def impulse(self, sound, steady=False):
        """A patch in which the sound's onset (or, if long, one of its loud moments) lies where onset_at says."""
        envelope = np.square(sound[: len(sound) // 80 * 80]).reshape(-1, 80).mean(axis=1)
        loud = np.flatnonzero(envelope > 0.1 * envelope.max()) if len(envelope) else envelope
        if len(loud) == 0:
            return self.cut(sound, 0)
        onset = loud[0] if not steady or self.rng.random() < 0.5 else self.rng.choice(loud)
        return self.cut(sound, onset / 200 - self.onset_at())

    def distance(self, nearest, farthest):
        return math.exp(self.rng.uniform(math.log(nearest), math.log(farthest)))

    def maybe_mixed(self, patch, chance, low_db, high_db):
        return self.mixed(patch, low_db, high_db) if self.rng.random() < chance else (patch, 60.0)

    # -- one patch ---------------------------------------------------------------------------------------------
    def make(self):
        """(kind, name, patch int16, labels, confirmed class or -1)"""
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
        if rng.random() < 0.2:
            patch = air.at_distance(rng, patch, rng.uniform(20, 200))[:PATCH]
        patch, _ = self.maybe_mixed(patch, 0.2, 5, 30)
        return f"{place}:{name}", patch, (1, 0, 0), -1

    def make_live_background(self):
        rng = self.rng
        place, name, sound, expected, _ = self.live.backgrounds[rng.integers(len(self.live.backgrounds))]
        patch = self.cut(sound, rng.uniform(0, max(0.01, min(expected) - 1.05)))
        if rng.random() < 0.4:
            patch = air.coloured(rng, patch)
        return f"{place}:{name}", patch, (0, 0, 0), -1

    def blast(self, sound, labels, name, nearest=3.0, near_chance=0.5):
        """Near, as a telephone hears it, or far, as a pole does; now and then over a background."""
        rng = self.rng
        sound = air.at_speed(rng, sound)
        near = rng.random() < near_chance
        if near:
            if rng.random() < 0.5:
                sound = air.at_distance(rng, sound, self.distance(2, 40))
            if rng.random() < 0.6:
                sound = air.limited(rng, sound)
            patch = self.impulse(sound, steady=True)
            patch, _ = self.maybe_mixed(patch, 0.3, 8, 40)
        else:
            patch = self.impulse(air.at_distance(rng, sound, self.distance(max(nearest, 40), 700)), steady=True)
            patch, _ = self.maybe_mixed(patch, 0.35, 0, 30)
        return name, patch, labels, -1

    def make_gun(self):
        rng = self.rng
        keys = self.sounds.keys("gunshot")
        sizes = np.sqrt([len(self.sounds.by_kind[k]) for k in keys])
        name, sound = self.sounds.draw(rng, keys[rng.choice(len(keys), p=sizes / sizes.sum())], chances=self.gun_chances)
        if rng.random() < 0.4 and len(sound) < 1.2 * RATE_HZ:
            sound, _ = synth.burst(rng, sound)
        return self.blast(sound, (1, 0, 0), name)

    def spliced(self, first, second, burst_chance):
        """A blast that nobody recorded: the attack of one sound and the tail of another, each coloured and faster or slower; and the
        teacher's scores of the alert classes for it. `first`, `second`: keys to draw from."""
        rng = self.rng
        parts = []
        for keys in (first, second):
            sizes = np.sqrt([len(self.sounds.by_kind[k]) for k in keys])
            _, sound = self.sounds.draw(rng, keys[rng.choice(len(keys), p=sizes / sizes.sum())])
            sound = air.coloured(rng, air.at_speed(rng, sound, 0.35))
            loud = np.flatnonzero(np.abs(sound) > 0.2 * np.abs(sound).max())
            parts.append(sound[max(0, int(loud[0]) - 32 if len(loud) else 0):] / (np.abs(sound).max() + 1e-9))
        if rng.random() < 0.5:
            parts.reverse()
        attack, tail = parts
        n = min(len(attack), len(tail), int(np.exp(rng.uniform(np.log(0.01), np.log(0.15))) * RATE_HZ))
        fade = np.clip(np.linspace(2, -1, max(2, n)), 0, 1)
        sound = tail * 10 ** (rng.uniform(-12, 3) / 20)
        sound[:n] *= 1 - fade[:n]
        sound[:n] += attack[:n] * fade[:n]
        if rng.random() < burst_chance and len(sound) < 1.2 * RATE_HZ:
            sound, _ = synth.burst(rng, sound)
        scores = self.teacher(np.pad(sound[: PATCH - 1600], (1600, max(0, PATCH - 1600 - len(sound)))))[0]
        self.alone = {c: float(scores[self.columns[c]].max()) for c in CLASSES[:ALERTS]}
        return sound.astype(np.float32), self.alone["gunshot"], self.alone["explosion"]

    def make_gun_mixed(self):
        """Mixed of two shots, or of a shot and a slam. What it still is, the teacher says: a shot, if it hears more of one than of an
        explosion; else no label is given."""
        shots, slams = self.sounds.keys("gunshot"), [("neg", "door/knock/impact")]
        sound, shot, explosion = self.spliced(shots, shots if self.rng.random() < 0.8 else slams, 0.5)
        labels = (1 if shot > max(FOLLOWED, explosion) else MASKED, 0 if explosion < FAINT else MASKED, 0)
        return self.blast(sound, labels, "mixed/shot", near_chance=0.6)

    def make_explosion_mixed(self):
        """Mixed of two explosions; one still, if the teacher hears more of one than of a shot."""
        keys = [k for k in self.sounds.keys("explosion") if k[1] == "explosion"] or self.sounds.keys("explosion")
        sound, shot, explosion = self.spliced(keys, keys, 0)
        labels = (0 if shot < FAINT else MASKED, 1, 0) if explosion > max(FAINT, shot) else (MASKED, MASKED, 0)
        return self.blast(sound, labels, "mixed/explosion")

    def make_gun_synth(self):
        rng = self.rng
        sound = synth.shot(rng)
        if rng.random() < 0.35:
            sound, _ = synth.burst(rng, sound)
        return self.blast(air.at_distance(rng, sound, self.distance(10, 60)), (1, 0, 0), "synth/shot", near_chance=0.25)

    def make_explosion(self):
        rng = self.rng
        keys = self.sounds.keys("explosion")
        main = [k for k in keys if k[1] == "explosion"] or keys
        pool = main if rng.random() < 0.85 else keys
        name, sound = self.sounds.draw(rng, pool[rng.integers(len(pool))])
        return self.blast(sound, (0, 1, 0), name)

    def make_explosion_synth(self):
        return self.blast(synth.explosion(self.rng), (0, 1, 0), "synth/explosion", nearest=60, near_chance=0.2)

    def make_cannon(self):
        keys = self.sounds.keys("cannon")
        name, sound = self.sounds.draw(self.rng, keys[self.rng.integers(len(keys))])
        return self.blast(sound, (MASKED, MASKED, 0), name)

    def make_crowd(self):
        rng = self.rng
        keys = self.sounds.keys("crowd")
        key = keys[rng.integers(len(keys))]
        name, sound = self.sounds.draw(rng, key)
        sound = air.at_speed(rng, sound)
        if rng.random() < 0.7:
            sound = air.at_distance(rng, sound, self.distance(5, 300))
        patch = self.looped(sound)
        patch, _ = self.maybe_mixed(patch, 0.3, 3, 30)
        clapping = "applause" == key[1]
        return name, patch, (0, 0, MASKED if clapping else 1), CLASSES.index("applause") if clapping else -1

    def make_crowd_synth(self):
        rng = self.rng
        patch = synth.crowd(rng, self.sounds.voices, PATCH)
        patch = air.at_distance(rng, np.tile(patch, 2), self.distance(10, 300))[PATCH // 2:][:PATCH]
        patch, _ = self.maybe_mixed(patch, 0.3, 3, 30)
        return "synth/crowd", patch, (0, 0, 1), -1

    def make_simulated(self):
        rng = self.rng
        keys = self.sounds.keys("simulated")
        kind, sublabel = keys[rng.choice(len(keys), p=self.simulated_p(keys))]
        name, sound = self.sounds.draw(rng, (kind, sublabel), longest=4 * RATE_HZ)
        labels = {"gunshot": (1, 0, 0), "explosion": (0, 1, 0), "crowd_clamour": (0, 0, 1)}.get(sublabel, (0, 0, 0))
        impulsive = labels[0] or labels[1]
        patch = self.impulse(sound) if impulsive else self.looped(sound)
        patch, _ = self.maybe_mixed(patch, 0.3, 6, 30)
        return name, patch, labels, CLASSES.index(sublabel) if sublabel in CLASSES[ALERTS:] else -1

    @staticmethod
    def simulated_p(keys):
        weights = np.array([2.0 if k[1] in ("gunshot", "explosion", "crowd_clamour", "fireworks", "thunder", "door") else 1.0 for k in keys])
        return weights / weights.sum()

    def make_noise(self):
        rng = self.rng
        draw = rng.random()
        if draw < 0.25:
            patch = air.noise(rng, PATCH, rng.uniform(-0.5, 2.5))
        elif draw < 0.45:
            patch = air.gusts(rng, PATCH)
        elif draw < 0.65:
            patch = air.rain(rng, PATCH)
        elif draw < 0.97:
            patch = air.crackle(rng, PATCH)
        else:
            patch = np.zeros(PATCH, np.float32) + rng.uniform(-0.2, 0.2) + 1e-5 * rng.standard_normal(PATCH)
        if rng.random() < 0.3:
            patch = patch * np.interp(np.arange(PATCH), [0, PATCH], rng.uniform(0, 1, 2)).astype(np.float32)
        return "synth/noise", patch.astype(np.float32), (0, 0, 0), -1

    def make_struck_synth(self):
        rng = self.rng
        draw = rng.random()
        confirmed, gun = None, 0
        if draw < 0.45:
            sound = synth.struck(rng)
        elif draw < 0.6:
            sound, confirmed = synth.repeated(rng, synth.struck(rng), 1, 5, 0.1), "hammer"
        elif draw < 0.72:
            sound, confirmed = synth.jackhammer(rng), "jackhammer"
        elif draw < 0.82:
            sound, confirmed = synth.nail_gun(rng), "nail_gun"
        elif draw < 0.9:
            sound, confirmed = synth.pop(rng), "pop"
        elif draw < 0.95:
            # A backfire is a blast too: what tells it is the engine round it, so its gun label stays open.
            _, engine = self.sounds.draw(rng, ("neg", "engine/vehicle"))
            engine = self.looped(engine)
            sound = np.pad(0.15 * engine / (np.abs(engine).max() + 1e-6), (0, RATE_HZ // 4))
            shot = synth.shot(rng)
            at = int(rng.uniform(0.2, 0.6) * RATE_HZ)
            sound[at: at + len(shot)] += shot[: len(sound) - at]
            confirmed, gun = "backfire", MASKED
        else:
            sound, confirmed = synth.bell(rng), "bell"
        sound = np.asarray(sound, np.float32)
        if rng.random() < 0.6:
            sound = air.at_distance(rng, sound, self.distance(3, 150))
        patch = self.impulse(sound, steady=len(sound) > RATE_HZ)
        patch, _ = self.maybe_mixed(patch, 0.3, 5, 35)
        return f"synth/{confirmed or 'struck'}", patch, (gun, 0, 0), CLASSES.index(confirmed) if confirmed else -1

    def make_voice_synth(self):
        """One person who coughs, sneezes, cries or shouts: no crowd, no shot."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.45:
            patch = self.impulse(synth.cough(rng))
        elif draw < 0.75:
            patch = synth.wail(rng, PATCH)
        else:
            patch = synth.formant_shout(rng, PATCH)
        if rng.random() < 0.5:
            patch = air.at_distance(rng, patch, self.distance(2, 80))[:PATCH]
        patch, _ = self.maybe_mixed(patch, 0.3, 5, 35)
        return "synth/voice", patch, (0, 0, 0), CLASSES.index("shout") if draw >= 0.75 else -1

    def make_street_synth(self):
        """What towns and coasts are full of and few free recordings hold: rotors and engines, dogs, thunder, surf."""
        rng = self.rng
        kind = str(rng.choice(["rotor", "dog", "thunder", "water"], p=[0.4, 0.2, 0.25, 0.15]))
        if kind == "rotor":
            patch = synth.rotor(rng, PATCH)
        elif kind == "water":
            patch = synth.surf(rng, PATCH)
        else:
            patch = self.impulse(synth.bark(rng) if kind == "dog" else synth.thunder(rng), steady=True)
        if rng.random() < 0.5:
            patch = air.at_distance(rng, patch, self.distance(5, 300))[:PATCH]
        patch, _ = self.maybe_mixed(patch, 0.3, 5, 35)
        return f"synth/{kind}", patch, (0, 0, 0), CLASSES.index(kind) if kind == "thunder" else -1

    def make_neg(self):
        rng = self.rng
        sublabels = [k[1] for k in self.sounds.keys("neg") if k[1] in NEG_WEIGHTS]
        weights = np.array([NEG_WEIGHTS[s] for s in sublabels])
        sublabel = str(rng.choice(sublabels, p=weights / weights.sum()))
        name, sound = self.sounds.draw(rng, ("neg", sublabel))
        sound = air.at_speed(rng, sound)
        if rng.random() < 0.45:
            sound = air.at_distance(rng, sound, self.distance(3, 300))
        patch = self.impulse(sound, steady=True) if len(sound) < 1.5 * RATE_HZ or rng.random() < 0.25 else self.looped(sound)
        patch, ratio_db = self.maybe_mixed(patch, 0.15, 2, 30)
        gun = MASKED if sublabel in GUN_MASKED else 0
        named = SUBLABEL_CLASS.get(sublabel) if ratio_db > 8 else None
        return f"{sublabel}:{name}", patch, (gun, 0, 0), CLASSES.index(named) if named else -1


def one(maker, teacher, columns, inspected):
    maker.alone = None
    kind, name, patch, labels, confirmed = maker.make()
    (scores, embedding), labels = teacher(patch), list(labels)
    alone = maker.alone or inspected.get(name)
    for j, c in enumerate(CLASSES[:ALERTS]):
        if labels[j] == 1 and alone:
            main = columns[c][0]
            scores[main] = max(scores[main], ALONE_SHARE * alone[c])
    # A "negative" that the teacher takes for a positive may be one: the corpus' negatives were not all heard.
    if kind == "neg":
        for j, c in enumerate(CLASSES[:ALERTS]):
            trusted = name.split(":")[0] in TRUSTED and c != "crowd_clamour"
            if scores[columns[c]].max() > FOLLOWED and not trusted:
                labels[j] = MASKED
    return patch, labels, scores, embedding, confirmed, f"{kind}\t{name}"


def write_chunk(folder, title, rows):
    patches, labels, scores, embeddings, confirmed, meta = zip(*rows)
    (folder / f"meta.{title}.tsv").write_text("\n".join(meta) + "\n", encoding="utf-8")
    np.save(folder / f"labels.{title}.npy", np.array(labels, np.float16))
    np.save(folder / f"teacher.{title}.npy", np.array(scores, np.float16))
    np.save(folder / f"embedding.{title}.npy", np.array(embeddings, np.float16))
    np.save(folder / f"confirmed.{title}.npy", np.array(confirmed, np.int8))
    np.save(folder / f"part.{title}.npy", np.array(patches))
    (folder / f"part.{title}.npy").rename(folder / f"patches.{title}.npy")


def work(args, part):
    """Chunk by chunk, each from a seed of its own: what is there already is not made again."""
    teacher, columns = Teacher(args.teacher), teacher_columns(args.teacher / "yamnet_class_map.csv")
    maker = Maker(args, args.split, 0, teacher)
    split = {"train": 0, "val": 1, "test": 2}[args.split]
    for chunk in range(part, max(1, args.count // CHUNK), args.workers):
        if (args.out / f"patches.{chunk:04}.npy").exists():
            continue
        maker.rng = np.random.default_rng([args.seed, chunk, split])
        write_chunk(args.out, f"{chunk:04}", [one(maker, teacher, columns, args.inspected_scores) for _ in range(CHUNK)])


def read_inspected(path):
    """Sound → the teacher's scores of the alert classes over the whole of it, clean and close."""
    with open(path, encoding="utf-8") as file:
        return {row["name"]: {c: float(row[c]) for c in CLASSES[:ALERTS]}
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sounds", type=Path, nargs="+", required=True)
    parser.add_argument("--scenes", type=Path, help="folder of live-fire scenes")
    parser.add_argument("--live", nargs="*", default=["FP1", "FP2", "FP3"], help="firing positions to use")
    parser.add_argument("--hold-out", default="FP2", help="firing position whose backgrounds are mixed under nothing")
    parser.add_argument("--teacher", type=Path, required=True, help="folder of yamnet.tflite and its class map")
    parser.add_argument("--inspected", type=Path, required=True, help="what inspect_labels.py printed")
    parser.add_argument("--split", choices=["train", "val", "test"], default="train")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", choices=list(SHARES), help="this kind of sound alone")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.inspected_scores = read_inspected(args.inspected)
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
