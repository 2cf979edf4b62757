"""Synthesised shots, explosions and crowds, for what free recordings lack. 16 kHz, float32, peak 1."""
import numpy as np
from scipy.signal import fftconvolve

from acoustics import RATE_HZ


def friedlander(positive_seconds, seconds):
    """Blast wave p = (1 − t/τ) exp(−t/τ), sampled as the mean over each sample, so that a short one keeps its energy."""
    over = 8
    t = np.arange(int(seconds * RATE_HZ) * over) / (RATE_HZ * over)
    wave = (1 - t / positive_seconds) * np.exp(-t / positive_seconds)
    return wave.reshape(-1, over).mean(axis=1).astype(np.float32)


def shot(rng):
    """One shot: the muzzle blast (τ 0.3 to 4 ms) and its turbulent gas; a supersonic round's N-wave before it."""
    out = np.zeros(RATE_HZ // 2, np.float32)
    blast = friedlander(np.exp(rng.uniform(np.log(0.0003), np.log(0.004))), 0.04)
    at = 0
    if rng.random() < 0.3:
        length = rng.integers(3, 9)
        out[:length] += rng.uniform(0.2, 1.2) * np.linspace(1, -1, length)
        at = int(rng.uniform(0.005, 0.25) * RATE_HZ)
    out[at: at + len(blast)] += blast
    n = int(rng.uniform(0.01, 0.06) * RATE_HZ)
    gas = rng.standard_normal(n) * np.exp(-np.arange(n) / n * 5)
    out[at: at + n] += (rng.uniform(0.05, 0.4) * gas).astype(np.float32)
    return out / np.abs(out).max()


def burst(rng, one):
    """Repeats of one shot: two to ten aimed ones, or automatic fire of 500 to 1,300 rounds a minute."""
    automatic = rng.random() < 0.6
    count = rng.integers(3, 24) if automatic else rng.integers(2, 11)
    gap = 60 / rng.uniform(500, 1300) if automatic else rng.uniform(0.18, 0.6)
    jitter = rng.uniform(0.005, 0.05) if automatic else 0.25
    times = np.cumsum([0] + [gap * (1 + jitter * rng.uniform(-1, 1)) for _ in range(count - 1)])
    times = times[times < 1.6]
    out = np.zeros(int(times[-1] * RATE_HZ) + len(one) + 1, np.float32)
    for time in times:
        at = int(time * RATE_HZ)
        out[at: at + len(one)] += one * rng.uniform(0.7, 1)
    return out, times


def explosion(rng):
    """A blast of 8 to 120 ms positive phase, a fireball's rumble of 0.5 to 2 s, debris."""
    out = np.zeros(RATE_HZ * 2, np.float32)
    blast = friedlander(np.exp(rng.uniform(np.log(0.008), np.log(0.12))), 1.0)
    out[: len(blast)] += blast * rng.uniform(0.5, 1)
    n = int(rng.uniform(0.5, 2) * RATE_HZ) // 500 * 500
    f = np.fft.rfftfreq(n, 1 / RATE_HZ)
    corner = np.exp(rng.uniform(np.log(60), np.log(600)))
    spectrum = np.fft.rfft(rng.standard_normal(n)) / (1 + (f / corner) ** rng.uniform(1.2, 3))
    rumble = np.fft.irfft(spectrum, n)
    rumble *= np.exp(-np.arange(n) / RATE_HZ / rng.uniform(0.15, 0.9)) / np.abs(rumble).max()
    attack = int(rng.uniform(0.002, 0.06) * RATE_HZ)
    rumble[:attack] *= np.linspace(0, 1, attack)
    out[:n] += (rumble * rng.uniform(0.3, 1.2)).astype(np.float32)
    return out / np.abs(out).max()


def struck(rng):
    """Something struck, slammed or dropped: modes that ring, a noisy contact, at times a low thud and a rattle."""
    seconds = rng.uniform(0.1, 0.9)
    n = int(seconds * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    out = np.zeros(n, np.float32)
    centre = np.exp(rng.uniform(np.log(90), np.log(4500)))
    for _ in range(rng.integers(2, 14)):
        hz = np.clip(centre * np.exp(rng.normal(0, 0.7)), 40, 7600)
        decay = np.exp(rng.uniform(np.log(0.004), np.log(0.15))) * min(1, (600 / hz) ** 0.3)
        out += (rng.lognormal(0, 0.7) * np.exp(-t / decay) * np.sin(2 * np.pi * hz * t + rng.uniform(0, 6))).astype(np.float32)
    out /= np.abs(out).max() + 1e-9
    m = min(n, int(rng.uniform(0.001, 0.02) * RATE_HZ))
    out[:m] += (rng.uniform(0, 1) * rng.standard_normal(m) * np.exp(-np.arange(m) / m * 4)).astype(np.float32)
    if rng.random() < 0.3:
        hz = rng.uniform(45, 130)
        out += (rng.uniform(0.5, 3) * np.exp(-t / rng.uniform(0.03, 0.12)) * np.sin(2 * np.pi * hz * t)).astype(np.float32)
    if rng.random() < 0.25:
        for _ in range(rng.integers(1, 6)):
            at = int(rng.uniform(0.02, 0.3) * n)
            out[at:] += rng.uniform(0.1, 0.6) * out[: n - at]
    return out / (np.abs(out).max() + 1e-9)


def repeated(rng, one, rate_low, rate_high, jitter=0.05, seconds=1.6):
    """A train of one sound at a steady rate: hammering, a jackhammer, a nail gun."""
    gap = 1 / rng.uniform(rate_low, rate_high)
    times = np.cumsum(gap * (1 + jitter * rng.uniform(-1, 1, int(seconds / gap) + 1)))
    out = np.zeros(int((times[-1] + 1) * RATE_HZ) + len(one), np.float32)
    for time in times:
        at = int(time * RATE_HZ)
        out[at: at + len(one)] += one * rng.uniform(0.6, 1)
    return out


def jackhammer(rng):
    return repeated(rng, struck(rng)[: int(0.08 * RATE_HZ)], 12, 32, 0.03)


def nail_gun(rng):
    """Compressed air: a hard click, then a hiss of 20 to 80 ms."""
    n = int(rng.uniform(0.05, 0.14) * RATE_HZ)
    hiss = np.diff(rng.standard_normal(n + 1)) * np.exp(-np.arange(n) / n * rng.uniform(3, 6))
    out = 0.5 * hiss.astype(np.float32) / 2
    click = struck(rng)[: n // 2]
    out[: len(click)] += click
    return out / np.abs(out).max()


def pop(rng):
    """A paper or plastic bag, a balloon: a blast of 0.2 to 1.5 ms with a thin tail, near by."""
    wave = friedlander(np.exp(rng.uniform(np.log(0.0002), np.log(0.0015))), 0.02)
    n = int(rng.uniform(0.01, 0.05) * RATE_HZ)
    out = np.zeros(max(n, len(wave)), np.float32)
    out[: len(wave)] += wave
    rustle = np.diff(rng.standard_normal(n + 1)) * np.exp(-np.arange(n) / n * 5)
    out[:n] += (rng.uniform(0.1, 0.5) * rustle).astype(np.float32)
    return out / np.abs(out).max()


def bell(rng):
    """A church or hand bell: inharmonic partials (hum, prime, tierce, quint, nominal …) that fade over a second or more."""
    n = int(2.5 * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    strike = np.exp(rng.uniform(np.log(180), np.log(1800)))
    out = sum(rng.lognormal(0, 0.5) * np.exp(-t / rng.uniform(0.2, 1.6)) * np.sin(2 * np.pi * strike * ratio * t)
              for ratio in (0.5, 1, 1.2, 1.5, 2, 2.5, 2.67, 3, 4) if strike * ratio < 7800)
    return (out / np.abs(out).max()).astype(np.float32)


def formant_shout(rng, n):
    """One shouted vowel or two: a glottal pulse train at 180 to 500 Hz through three formants, rising and falling."""
    t = np.arange(n) / RATE_HZ
    pitch = np.exp(rng.uniform(np.log(170), np.log(520)))
    bend = 1 + 0.15 * np.sin(2 * np.pi * rng.uniform(0.3, 1.5) * t + rng.uniform(0, 6)) + 0.01 * np.sin(2 * np.pi * 6 * t)
    phase = np.cumsum(pitch * bend) / RATE_HZ
    source = np.diff(np.floor(phase), prepend=0).astype(np.float32) + 0.02 * rng.standard_normal(n)
    k = np.arange(int(0.03 * RATE_HZ)) / RATE_HZ
    voice = 0
    for low, high, level in ((500, 950, 1), (1000, 2200, 0.8), (2400, 3300, 0.5)):
        formant = rng.uniform(low, high)
        voice = voice + level * fftconvolve(source, np.exp(-k * np.pi * 110) * np.sin(2 * np.pi * formant * k))[:n]
    envelope = np.clip(np.sin(2 * np.pi * rng.uniform(0.4, 2.5) * t + rng.uniform(0, 6)) * 2 + 0.6, 0, 1)
    voice = voice * envelope
    return (voice / (np.abs(voice).max() + 1e-6)).astype(np.float32)


def formants(rng, source, count=3):
    """A source [n] through the resonances of one vocal tract, drawn at random."""
    k = np.arange(int(0.03 * RATE_HZ)) / RATE_HZ
    bands = ((350, 1000, 1), (900, 2400, 0.8), (2300, 3500, 0.6))[:count]
    return sum(level * fftconvolve(source, np.exp(-k * np.pi * rng.uniform(80, 300)) * np.sin(2 * np.pi * rng.uniform(low, high) * k))
               for low, high, level in bands)[: len(source)]


def cough(rng):
    """A cough or a sneeze: an indrawn breath, a plosive burst of 30 to 200 ms with vocal resonances, a voiced end."""
    breath, plosive, end = (int(rng.uniform(*s) * RATE_HZ) for s in ((0, 0.5), (0.03, 0.2), (0.05, 0.4)))
    burst = rng.standard_normal(plosive + end) * np.exp(-np.arange(plosive + end) / plosive)
    rise = int(rng.uniform(0.001, 0.03) * RATE_HZ)
    burst[:rise] *= np.linspace(0, 1, rise)
    burst = burst + rng.uniform(0, 1) * formant_shout(rng, len(burst)) * np.linspace(1, 0, len(burst))
    inward = rng.uniform(0, 0.15) * rng.standard_normal(breath) * np.linspace(0, 1, breath) ** 2
    source = np.concatenate([inward, burst]).astype(np.float32)
    out = rng.uniform(0, 0.5) * source + formants(rng, source) / 3
    return (out / (np.abs(out).max() + 1e-6)).astype(np.float32)


def wail(rng, n):
    """An infant's cry or a wail: a harmonic tone of 300 to 650 Hz, rising and falling, in breaths of half a second and more."""
    t = np.arange(n) / RATE_HZ
    breath = rng.uniform(0.5, 1.4)
    phase = (t / breath + rng.random()) % 1
    pitch = rng.uniform(300, 650) * (0.8 + 0.3 * np.sin(np.pi * phase)) * (1 + rng.uniform(0, 0.05) * np.sin(2 * np.pi * rng.uniform(5, 20) * t))
    turns = np.cumsum(pitch) / RATE_HZ
    source = np.diff(np.floor(turns), prepend=0) + rng.uniform(0, 0.1) * rng.standard_normal(n)
    out = formants(rng, source.astype(np.float32)) * np.clip(np.sin(np.pi * phase / rng.uniform(0.6, 0.95)) * 3, 0, 1)
    return (out / (np.abs(out).max() + 1e-6)).astype(np.float32)


def rotor(rng, n):
    """An engine or a rotor: a helicopter's slap, a chainsaw, a motorcycle, a diesel. Pulses at 8 to 220 Hz through a few
    resonances, over broadband noise that beats with them; the speed wanders."""
    t = np.arange(n) / RATE_HZ
    hz = np.exp(rng.uniform(np.log(8), np.log(220)))
    wander = 1 + rng.uniform(0, 0.15) * np.sin(2 * np.pi * rng.uniform(0.1, 2) * t + rng.uniform(0, 6))
    turns = np.cumsum(hz * wander) / RATE_HZ
    phase = turns % 1
    beat = np.exp(-phase * rng.uniform(2, 14))
    # Blades and cylinders are not quite alike.
    unequal = rng.uniform(0.6, 1, rng.integers(1, 7))
    beat = beat * unequal[turns.astype(int) % len(unequal)]
    source = np.diff(beat, prepend=0) + rng.uniform(0.02, 0.4) * beat * rng.standard_normal(n)
    k = np.arange(int(0.05 * RATE_HZ)) / RATE_HZ
    out = 0.3 * source
    for _ in range(rng.integers(2, 6)):
        middle, width = np.exp(rng.uniform(np.log(50), np.log(3500))), rng.uniform(30, 400)
        out = out + rng.lognormal(0, 0.8) * fftconvolve(source, np.exp(-k * np.pi * width) * np.sin(2 * np.pi * middle * k))[:n] / 10
    return (out / (np.abs(out).max() + 1e-9)).astype(np.float32)


def bark(rng):
    """One to four barks: a hoarse voice of 60 to 250 ms that falls in pitch, an abrupt beginning."""
    out = np.zeros(int(1.4 * RATE_HZ), np.float32)
    at, gap = 0, rng.uniform(0.22, 0.7)
    low = np.exp(rng.uniform(np.log(180), np.log(900)))
    for _ in range(rng.integers(1, 5)):
        n = int(rng.uniform(0.06, 0.25) * RATE_HZ)
        x = np.linspace(0, 1, n)
        phase = np.cumsum(low * (1 + rng.uniform(0.2, 0.9) * np.sin(np.pi * x ** 0.6))) / RATE_HZ
        source = np.diff(np.floor(phase), prepend=0) + rng.uniform(0.05, 0.6) * rng.standard_normal(n)
        one = formants(rng, source.astype(np.float32)) * np.minimum(1, x / rng.uniform(0.02, 0.2)) * (1 - x) ** rng.uniform(0.3, 1.5)
        one = one[: len(out) - at]
        out[at: at + len(one)] += (one / (np.abs(one).max() + 1e-6)).astype(np.float32)
        at += n + int(gap * rng.uniform(0.3, 1) * RATE_HZ)
        if at >= len(out):
            break
    return out / (np.abs(out).max() + 1e-6)


def thunder(rng):
    """Thunder: one to a dozen overlapping claps of smeared low noise over seconds, the near ones with a crack."""
    n = int(4 * RATE_HZ)
    out = np.zeros(n, np.float32)
    f = np.fft.rfftfreq(n, 1 / RATE_HZ)
    for _ in range(rng.integers(1, 13)):
        corner = np.exp(rng.uniform(np.log(50), np.log(900)))
        noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) / (1 + (f / corner) ** rng.uniform(1, 2.5)), n)
        at = int(rng.uniform(0, 1.5) * RATE_HZ)
        rise = int(np.exp(rng.uniform(np.log(0.01), np.log(0.5))) * RATE_HZ)
        m = n - at
        envelope = np.minimum(1, np.arange(m) / rise) * np.exp(-np.maximum(0, np.arange(m) - rise) / RATE_HZ / rng.uniform(0.2, 1.5))
        out[at:] += (rng.lognormal(0, 0.6) * noise[:m] / np.abs(noise).max() * envelope).astype(np.float32)
    return out / (np.abs(out).max() + 1e-9)


def surf(rng, n):
    """Waves on a beach: a hiss that swells and breaks each few seconds, over a low rush."""
    t = np.arange(n) / RATE_HZ
    f = np.maximum(np.fft.rfftfreq(n, 1 / RATE_HZ), 20)
    shaped = lambda exponent: np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * f ** (-exponent / 2), n)
    swell = ((t / rng.uniform(2, 8) + rng.random()) % 1) ** rng.uniform(0.5, 3)
    hiss, rush = shaped(rng.uniform(-0.3, 1.2)), shaped(rng.uniform(1, 2.5))
    out = swell * hiss / np.abs(hiss).max() + rng.uniform(0, 0.6) * rush / np.abs(rush).max()
    return (out / (np.abs(out).max() + 1e-9)).astype(np.float32)


MOST_VOICES = 24


def crowd(rng, voices, n):
    """Tens to hundreds of voices: slices of recorded ones (a function rng, n → samples) and synthetic shouts.

    Beyond MOST_VOICES, voices are the same choir again from elsewhere: shifted by at least a tenth of a second, and duller.
    """
    wanted = int(np.exp(rng.uniform(np.log(12), np.log(300))))
    out = np.zeros(n, np.float32)
    shouted = rng.uniform(0, 0.6)
    for _ in range(min(wanted, MOST_VOICES)):
        if rng.random() < shouted * 0.2:
            voice = formant_shout(rng, n)
        else:
            voice = voices(rng, n)
            if rng.random() < shouted:
                voice = np.tanh(3 * np.diff(voice, prepend=0) * 4)
        out += voice * rng.lognormal(0, 0.6)
    choir = out
    for _ in range(min(7, (wanted - MOST_VOICES) // MOST_VOICES + 1) if wanted > MOST_VOICES else 0):
        again = np.roll(choir, int(rng.integers(RATE_HZ // 10, n)))
        out = out + rng.uniform(0.4, 1) * (again + np.roll(again, 1)) / 2
    if rng.random() < 0.3:
        beat = rng.uniform(1, 3)
        out = out * (0.5 + 0.5 * np.clip(np.sin(2 * np.pi * beat * np.arange(n) / RATE_HZ) * 2, -1, 1))
    return (out / (np.abs(out).max() + 1e-6)).astype(np.float32)
