"""The acoustics against published values and first principles: `python -m unittest` in this folder."""
import unittest

import numpy as np

import acoustics as air
import synth


class AirTest(unittest.TestCase):
    def test_absorption_is_that_of_iso_9613_1(self):
        hz = np.array([250, 500, 1000, 2000, 4000, 8000])
        for celsius, humidity, db_per_km in ((20, 70, [1.1, 2.8, 5.0, 9.0, 23.1, 77.6]), (30, 40, [1.4, 3.7, 6.6, 11.4, 27.2, 88.3])):
            found = 1000 * air.air_absorption_db_per_m(hz, celsius, humidity)
            np.testing.assert_allclose(found, db_per_km, atol=0.051)

    def test_ground_reflection_is_late_by_the_mirror_images_longer_way(self):
        # 100 m, source 1.5 m and receiver 6 m up: √(100² + 7.5²) − √(100² + 4.5²) = 0.1797 m
        self.assertAlmostEqual(air.ground_delay_seconds(100, 1.5, 6), 0.1797 / 340, places=6)

    def test_a_roof_takes_ten_decibels_a_decade_far_above_its_corner(self):
        low, high = air.diffraction_db(np.array([100.0, 100_000.0]), 1000.0)
        self.assertLess(low, 0.05)
        self.assertAlmostEqual(high - air.diffraction_db(10_000.0, 1000.0), 10, delta=0.05)


class MicrophoneTest(unittest.TestCase):
    def setUp(self):
        self.rng = np.random.default_rng(1)
        self.sine = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)

    def test_a_sine_at_the_clipping_level_just_fills_the_scale(self):
        # 120 dB SPL effective is 20 Pa, its peak 3 dB more.
        out = air.microphone(self.rng, self.sine, 123.0103, 120, self_noise_db_spl=-50)
        self.assertAlmostEqual(float(np.abs(out).max()), 1.0, places=3)

    def test_what_is_louder_is_clipped_and_what_is_quiet_lies_in_the_own_noise(self):
        loud = air.microphone(self.rng, self.sine, 110, 93)
        self.assertGreater(float((np.abs(loud) == 1).mean()), 0.8)
        silent = air.microphone(self.rng, 0 * self.sine, 60, 120, self_noise_db_spl=30)
        full_scale = 20e-6 * 10 ** (120 / 20) * 2 ** 0.5
        self.assertAlmostEqual(20 * np.log10(silent.std() * full_scale / 20e-6), 30, delta=0.3)


class FarFieldTest(unittest.TestCase):
    def test_high_frequencies_are_lost_with_distance(self):
        rng = np.random.default_rng(2)
        click = np.zeros(8000, np.float32)
        click[100] = 1

        def brightness(meters):
            power = np.mean([np.square(np.abs(np.fft.rfft(air.at_distance(rng, click, meters), 32_000))) for _ in range(12)], 0)
            hz = np.fft.rfftfreq(32_000, 1 / 16_000)
            return power[hz > 4000].sum() / power[hz < 1000].sum()
        self.assertGreater(brightness(10), 5 * brightness(600))

    def test_noise_has_the_slope_it_is_asked_for(self):
        power = np.square(np.abs(np.fft.rfft(air.noise(np.random.default_rng(3), 160_000, 2.0))))
        hz = np.fft.rfftfreq(160_000, 1 / 16_000)
        octave = lambda low: power[(hz >= low) & (hz < 2 * low)].mean()
        self.assertAlmostEqual(10 * np.log10(octave(200) / octave(2000)), 20, delta=1)

    def test_what_leaves_the_link_is_16_bits_whatever_comes_in(self):
        rng = np.random.default_rng(4)
        for patch in (np.zeros(16_000), rng.standard_normal(16_000) * 1e4, np.eye(1, 16_000)[0]):
            self.assertEqual(air.through_link(rng, patch.astype(np.float32)).dtype, np.int16)


class SourcesTest(unittest.TestCase):
    def test_a_blast_falls_to_zero_after_its_positive_phase_and_sucks_afterwards(self):
        wave = synth.friedlander(0.002, 0.02)
        self.assertGreater(wave[: 31].min(), 0)
        self.assertLess(wave[34], 0)
        self.assertAlmostEqual(float(wave.sum()), 0, delta=0.02 * float(wave[wave > 0].sum()))

    def test_every_source_has_peak_one_and_is_finite(self):
        rng = np.random.default_rng(5)
        for make in (synth.shot, synth.explosion, synth.struck, synth.nail_gun, synth.pop, synth.bell, synth.bark, synth.thunder,
                     lambda r: synth.rotor(r, 16_000), lambda r: synth.surf(r, 16_000)):
            sound = make(rng)
            self.assertTrue(np.isfinite(sound).all())
            self.assertAlmostEqual(float(np.abs(sound).max()), 1, places=2)

    def test_a_burst_keeps_a_weapons_rate(self):
        _, times = synth.burst(np.random.default_rng(6), synth.shot(np.random.default_rng(6)))
        gaps = np.diff(times)
        self.assertTrue(((gaps > 0.04) & (gaps < 0.8)).all())


if __name__ == "__main__":
    unittest.main()
