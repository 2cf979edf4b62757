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
    """Two to ten repeats of one shot, aimed or automatic."""
    count = rng.integers(2, 11)
    automatic = rng.random() < 0.5
    gap = rng.uniform(0.06, 0.12) if automatic else rng.uniform(0.18, 0.6)
    jitter = 0.01 if automatic else 0.25
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


def crowd(rng, voices, n):
    """Many voices at once: slices of recorded voices (a function rng, n → samples), sped up, and synthetic shouts."""
    out = np.zeros(n, np.float32)
    shouted = rng.uniform(0, 0.6)
    for _ in range(int(np.exp(rng.uniform(np.log(14), np.log(70))))):
        if rng.random() < shouted * 0.5:
            voice = formant_shout(rng, n)
        else:
            voice = voices(rng, n)
            if rng.random() < shouted:
                voice = np.tanh(3 * np.diff(voice, prepend=0) * 4)
        out += voice * rng.lognormal(0, 0.6)
    if rng.random() < 0.3:
        beat = rng.uniform(1, 3)
        out *= 0.5 + 0.5 * np.clip(np.sin(2 * np.pi * beat * np.arange(n) / RATE_HZ) * 2, -1, 1)
    return out / (np.abs(out).max() + 1e-6)
