"""Far-field sound: what distance, streets, weather, microphones and links do to a sound. 16 kHz, float32, ±1.

Every function takes a numpy Generator where it draws, and gives a new array.
"""
import numpy as np
from scipy.signal import fftconvolve, resample_poly

RATE_HZ = 16_000
SPEED_OF_SOUND = 340.0


def air_absorption_db_per_m(frequency_hz, temperature_c=15.0, humidity=60.0):
    """ISO 9613-1, at 1 atm. At 20 °C, 70 %: 5.0 dB/km at 1 kHz, 23.1 at 4 kHz."""
    kelvin = temperature_c + 273.15
    h = humidity * 10 ** (-6.8346 * (273.16 / kelvin) ** 1.261 + 4.6151)
    oxygen = 24 + 4.04e4 * h * (0.02 + h) / (0.391 + h)
    nitrogen = (kelvin / 293.15) ** -0.5 * (9 + 280 * h * np.exp(-4.170 * ((kelvin / 293.15) ** (-1 / 3) - 1)))
    f2 = np.square(frequency_hz)
    return 8.686 * f2 * (1.84e-11 * (kelvin / 293.15) ** 0.5 + (kelvin / 293.15) ** -2.5 * (
        0.01275 * np.exp(-2239.1 / kelvin) / (oxygen + f2 / oxygen)
        + 0.1068 * np.exp(-3352 / kelvin) / (nitrogen + f2 / nitrogen)))


def diffraction_db(frequency_hz, corner_hz):
    """What a roof in the way takes, dB: nothing well below the corner, 10 dB a decade above it (Fresnel number ≫ 1)."""
    return 5 * np.log10(1 + np.square(frequency_hz / corner_hz))


def ground_delay_seconds(distance_m, source_m, receiver_m):
    """How much later the sound that the ground reflects arrives: the path from the source's mirror image."""
    return (np.hypot(distance_m, source_m + receiver_m) - np.hypot(distance_m, source_m - receiver_m)) / SPEED_OF_SOUND


def street_response(rng, distance_m):
    """Impulse response of a street at a distance: direct path, ground, façade echoes, diffuse tail, absorption.

    The direct path lies at sample 0. Behind a roof it is weak and dull, as diffracted sound is. Spreading is left out:
    levels are drawn afterwards. Now and then a near place rings like a far one: a yard, a valley, a range.
    """
    far = min(1.0, distance_m / 300)
    if rng.random() < 0.35:
        far = max(far, rng.random())
    seconds = 0.25 + 1.0 * far
    n = int(seconds * RATE_HZ) // 512 * 512
    h = np.zeros(n, np.float32)
    hidden = rng.random() < 0.4 * far
    h[0] = rng.uniform(0.2, 0.7) if hidden else 1.0
    ground = int(max(0.0003, ground_delay_seconds(distance_m, rng.uniform(0.5, 2.5), rng.uniform(4, 12))) * RATE_HZ)
    h[ground] += rng.uniform(0.2, 0.8) * rng.choice([1, -1], p=[0.8, 0.2])
    for _ in range(rng.integers(1, 4 + int(12 * far))):
        at = int(n * rng.random() ** 1.5)
        h[at] += 10 ** (-rng.uniform(3, 20) / 20) * rng.choice([1, -1], p=[0.8, 0.2])
    decay = rng.uniform(0.08, 0.15 + 0.6 * far)
    tail = rng.standard_normal(n).astype(np.float32) * np.exp(-6.9 * np.arange(n) / RATE_HZ / decay / 2).astype(np.float32)
    build = int(rng.uniform(0.002, 0.03) * RATE_HZ)
    tail[:build] *= np.linspace(0, 1, build, dtype=np.float32)
    h += tail * (10 ** (-rng.uniform(14, 34 - 10 * far) / 20))
    frequency = np.fft.rfftfreq(n, 1 / RATE_HZ)
    loss_db = air_absorption_db_per_m(frequency, rng.uniform(-5, 32), rng.uniform(30, 95)) * distance_m
    if hidden:
        loss_db = loss_db + diffraction_db(frequency, rng.uniform(300, 2000))
    spectrum = np.fft.rfft(h) * 10 ** (-np.minimum(loss_db, 90) / 20)
    return np.fft.irfft(spectrum, n).astype(np.float32)


def at_distance(rng, sound, distance_m):
    """The sound as heard in a street that far away: up to one second longer than it was."""
    return fftconvolve(sound, street_response(rng, distance_m))[: len(sound) + RATE_HZ].astype(np.float32)


def at_speed(rng, sound, spread=0.2):
    """Faster and higher, or slower and lower, by up to `spread`."""
    step = int(round(rng.uniform(-spread, spread) * 20))
    return sound if step == 0 else resample_poly(sound, 20, 20 + step).astype(np.float32)


def coloured(rng, sound):
    """A microphone's and a housing's colour: a tilt, a high-pass, a broad peak or dip."""
    n = len(sound)
    f = np.fft.rfftfreq(n, 1 / RATE_HZ) + 1.0
    gain_db = rng.uniform(-3, 3) * np.log2(f / 1000).clip(-4, 3)
    if rng.random() < 0.35:
        corner = np.exp(rng.uniform(np.log(30), np.log(350)))
        gain_db -= 10 * np.log10(1 + (corner / f) ** rng.choice([2, 4]))
    if rng.random() < 0.5:
        gain_db += rng.uniform(-9, 9) * np.exp(-np.square(np.log2(f / np.exp(rng.uniform(np.log(80), np.log(6000))))))
    return np.fft.irfft(np.fft.rfft(sound) * 10 ** (gain_db / 20), n).astype(np.float32)


def band_limited(sound, source_rate_hz):
    """As if it had been sampled at a lower rate: nothing above 0.46 of it."""
    spectrum = np.fft.rfft(sound)
    f = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    edge = 0.46 * source_rate_hz
    spectrum *= 1 / (1 + np.exp(np.clip((f - edge) / 40, -50, 50)))
    return np.fft.irfft(spectrum, len(sound)).astype(np.float32)


def noise(rng, n, exponent):
    """Noise whose power falls with frequency to the given power: 0 white, 1 pink, 2 brown."""
    f = np.maximum(np.fft.rfftfreq(n, 1 / RATE_HZ), 20)
    spectrum = (rng.standard_normal(len(f)) + 1j * rng.standard_normal(len(f))) * f ** (-exponent / 2)
    out = np.fft.irfft(spectrum, n)
    return (out / (np.abs(out).max() + 1e-9)).astype(np.float32)


def gusts(rng, n):
    """Wind on a microphone: brown noise below some hundred hertz, in gusts."""
    knots = rng.uniform(0.05, 1, 8) ** 2
    envelope = np.interp(np.arange(n), np.linspace(0, n, 8), knots)
    out = noise(rng, n, rng.uniform(1.8, 3)) * envelope + 0.1 * noise(rng, n, 1)
    return out.astype(np.float32)


def rain(rng, n):
    """Rain: a hiss and thousands of drops, some loud ones close by."""
    drops = np.zeros(n, np.float32)
    count = int(np.exp(rng.uniform(np.log(20), np.log(3000))) * n / RATE_HZ)
    drops[rng.integers(0, n, count)] = rng.lognormal(0, rng.uniform(0.3, 1.2), count)
    k = np.arange(int(rng.uniform(0.002, 0.02) * RATE_HZ))
    ring = np.exp(-6 * k / len(k)) * np.sin(2 * np.pi * rng.uniform(400, 5000) * k / RATE_HZ + rng.uniform(0, 6))
    out = fftconvolve(drops, ring.astype(np.float32))[:n]
    out = out / (np.abs(out).max() + 1e-9) + rng.uniform(0, 1) * noise(rng, n, rng.uniform(0, 1.2))
    return out.astype(np.float32)


def crackle(rng, n):
    """A fire, vinyl, twigs, ticking: sharp clicks of very unequal strength over a faint rush."""
    clicks = np.zeros(n, np.float32)
    if rng.random() < 0.25:   # a clock
        step = int(rng.uniform(0.2, 1.1) * RATE_HZ)
        at = np.arange(int(rng.integers(0, step)), n, step)
        clicks[at] = rng.uniform(0.6, 1, len(at))
    else:
        count = int(np.exp(rng.uniform(np.log(3), np.log(120))) * n / RATE_HZ) + 1
        clicks[rng.integers(0, n, count)] = rng.lognormal(0, rng.uniform(0.6, 1.8), count) * rng.choice([1, -1], count)
    k = np.arange(int(rng.uniform(0.001, 0.012) * RATE_HZ) + 2)
    ring = np.exp(-6 * k / len(k)) * (np.sin(2 * np.pi * rng.uniform(600, 6000) * k / RATE_HZ) + 0.6 * rng.standard_normal(len(k)))
    out = fftconvolve(clicks, ring)[:n]
    return (out / (np.abs(out).max() + 1e-9) + 10 ** rng.uniform(-3, -0.7) * noise(rng, n, rng.uniform(0, 2.5))).astype(np.float32)


def limited(rng, sound):
    """A telephone's or a camera's microphone near a shot: driven into its limits, the gain then slow to come back."""
    peak = np.abs(sound).max() + 1e-9
    out = np.tanh(sound / peak * 10 ** (rng.uniform(0, 32) / 20))
    if rng.random() < 0.5:
        release = rng.uniform(0.05, 0.6)
        block = 160
        level = np.abs(out[: len(out) // block * block]).reshape(-1, block).max(axis=1) if len(out) >= block else np.ones(1)
        held = np.empty(len(level))
        state = 0.0
        for i, x in enumerate(level):
            state = max(x, state * np.exp(-block / RATE_HZ / release))
            held[i] = state
        gain = 1 / (held + 0.05) ** rng.uniform(0.2, 0.9)
        out = out * np.interp(np.arange(len(out)), np.arange(len(gain)) * block, gain)
    return (out / (np.abs(out).max() + 1e-9)).astype(np.float32)


REFERENCE_PASCAL = 20e-6


def microphone(rng, sound, peak_db_spl, clip_db_spl=120.0, self_noise_db_spl=30.0):
    """The sound at a pole: its peak raised to `peak_db_spl`, the microphone's own noise added, clipped hard.

    Gives full scale ±1 at the clipping level, which is that of a sine's effective pressure.
    """
    full_scale = REFERENCE_PASCAL * 10 ** (clip_db_spl / 20) * np.sqrt(2)
    pascal = sound / (np.abs(sound).max() + 1e-9) * REFERENCE_PASCAL * 10 ** (peak_db_spl / 20)
    pascal = pascal + rng.standard_normal(len(sound)) * REFERENCE_PASCAL * 10 ** (self_noise_db_spl / 20)
    return np.clip(pascal / full_scale, -1, 1).astype(np.float32)


def through_link(rng, patch):
    """What the pole does last: level from 60 to 120 dB SPL, clipping at 93 to 120, band limit, DC, lost samples,
    8 to 16 kHz, any gain, 16 bits. Returns int16."""
    clip_db = rng.uniform(93, 120)
    peak_db = rng.uniform(60, 120) if rng.random() < 0.85 else clip_db + rng.uniform(0, 15)
    patch = microphone(rng, patch, peak_db, clip_db, rng.uniform(20, 34))
    if rng.random() < 0.4:
        patch = band_limited(patch, rng.choice([8000, 11025, 12000, 12000]))
    if peak_db < 90 and rng.random() < 0.8:   # most recordings come already raised
        patch = patch / (np.abs(patch).max() + 1e-9) * 10 ** (rng.uniform(-40, 0) / 20)
    if rng.random() < 0.1:
        patch = patch + rng.uniform(-0.1, 0.1)
    if rng.random() < 0.05:
        for _ in range(rng.integers(1, 4)):
            at = rng.integers(0, len(patch) - 1600)
            patch[at: at + int(rng.uniform(0.005, 0.1) * RATE_HZ)] = 0
    return np.clip(np.round(patch * 32768), -32768, 32767).astype(np.int16)
