"""Clips to judge by, of packages that no training heard: shots, explosions and crowds, clean and made distant over real
backgrounds; and every kind of negative."""
import numpy as np

import acoustics as air
import synth
from sounds import RATE_HZ

CLIP = 3 * RATE_HZ
LONGEST_NEGATIVE = 5 * RATE_HZ
BACKGROUNDS = ("rain/wind/water", "engine/vehicle", "animal", "speech", "other")
# Sounds of a street and its nature; games' interfaces and music are judged in the hours of negatives.
ENVIRONMENT = ("rain/wind/water", "engine/vehicle", "animal", "door/knock/impact", "footsteps", "glass", "thunder",
               "siren/alarm", "laugh/scream voice", "pop/crackle", "speech", "horn", "qabcs misc")
MOST_A_KIND = 40
# Games of war and fantasy, whose engines are tanks and whose animals are monsters: no everyday sounds, hard as they are.
NO_EVERYDAY = {"btanks-data", "freedoom", "hedgewars-data", "heroes-sound-effects", "netpanzer-data", "nexuiz-data", "scorched3d-data",
               "warmux-data"}


def loudest_power(sound, seconds=0.25):
    """Mean square of the loudest stretch of that length."""
    n = int(seconds * RATE_HZ)
    sums = np.cumsum(np.concatenate([[0.0], np.square(sound, dtype=np.float64)]))
    return (sums[n:] - sums[:-n]).max() / n if len(sound) > n else sums[-1] / max(1, len(sound))


def background(rng, sounds):
    key = ("neg", str(rng.choice([b for b in BACKGROUNDS if ("neg", b) in sounds.by_kind])))
    _, sound = sounds.draw(rng, key, longest=CLIP)
    if len(sound) < CLIP:
        sound = np.tile(sound, CLIP // len(sound) + 1)
    return sound[:CLIP]


def over(rng, sound, below, ratio_db):
    """The sound somewhere in the clip, its loudest quarter of a second so far above the background's mean power."""
    out = below * np.sqrt(loudest_power(sound) / (np.square(below).mean() + 1e-12) * 10 ** (-ratio_db / 10))
    sound = sound[: CLIP - RATE_HZ // 2]
    at = int(rng.integers(0, CLIP - len(sound) + 1))
    out[at: at + len(sound)] += sound
    return (out / (np.abs(out).max() + 1e-9) * 10 ** (rng.uniform(-30, 0) / 20)).astype(np.float32)


def positives(sounds, kind, seed, copies=3):
    """Condition → clips [n, CLIP], `copies` of each sound where chance has a part; shots also as bursts, near by."""
    rng = np.random.default_rng([seed, 1])
    bursts = np.random.default_rng([seed, 3])
    out = {"clean": [], "20 dB": [], "10 dB": [], "0 dB": [], **({"bursts": []} if kind == "gunshot" else {})}
    for key in sounds.keys(kind):
        if key[1] == "applause":
            continue
        for _, samples in sounds.by_kind[key]:
            sound = samples[: 6 * RATE_HZ].astype(np.float32) / 32768
            sound = sound - sound.mean()
            hiss = air.noise(rng, CLIP, 1.0)
            out["clean"].append(over(rng, sound, hiss, 45))
            if kind == "gunshot" and len(sound) < 1.2 * RATE_HZ:
                out["bursts"] += [over(bursts, synth.burst(bursts, sound)[0], air.noise(bursts, CLIP, 1.0), 45) for _ in range(copies)]
            for condition, ratio_db in (("20 dB", 20), ("10 dB", 10), ("0 dB", 0)):
                for _ in range(copies):
                    far = air.at_distance(rng, sound, np.exp(rng.uniform(np.log(100), np.log(600))))
                    out[condition].append(over(rng, far, background(rng, sounds), ratio_db))
    return {condition: np.stack(clips) for condition, clips in out.items()}


def negatives(sounds, seed, kinds=ENVIRONMENT, without=()):
    """Kind → list of clips of at most 5 s, none shorter than a second; of no package in `without`."""
    rng = np.random.default_rng([seed, 2])
    out = {}
    for kind in kinds:
        rows = [row for row in sounds.by_kind.get(("neg", kind), []) if row[0].split("/")[0] not in without]
        for i in rng.permutation(len(rows))[:MOST_A_KIND]:
            sound = rows[i][1]
            start = int(rng.integers(0, max(1, len(sound) - LONGEST_NEGATIVE)))
            sound = sound[start: start + LONGEST_NEGATIVE].astype(np.float32) / 32768
            sound = sound - sound.mean()
            if len(sound) < RATE_HZ:
                room = 2 * RATE_HZ - len(sound)
                before = int(rng.integers(0, room))
                sound = np.pad(sound, (before, room - before)) + 0.001 * (np.abs(sound).max() + 1e-3) * air.noise(rng, 2 * RATE_HZ, 1.0)
            out.setdefault(kind, []).append(sound.astype(np.float32))
    return out
