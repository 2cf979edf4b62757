"""The network against what ships: `python -m unittest` in this folder."""
import unittest
from pathlib import Path

import numpy as np
import torch

import network
import synth
from evaluate import Model


class RestoredTest(unittest.TestCase):
    def test_a_published_model_scores_the_same_when_it_is_taken_up_again(self):
        path = next(Path(__file__).parent.parent.glob("clameur-*.onnx"))
        rng = np.random.default_rng(4)
        sounds = [make(rng) for make in (synth.shot, synth.explosion, synth.bark, synth.thunder, synth.struck)]
        sounds = np.stack([np.pad(s, (0, 16_000))[:16_000] + 1e-3 * rng.standard_normal(16_000) for s in sounds]).astype(np.float32)
        model = network.restored(path)
        with torch.no_grad():
            features = model.trunk(network.FrontEnd()(torch.from_numpy(sounds)))
            restored = torch.sigmoid(model.taught(features)).numpy()
        published = Model(path)(sounds)
        self.assertGreater(float(published.max()), 0.3)
        # What ships is in 8 bits, activations too.
        np.testing.assert_allclose(restored, published, atol=0.2)
        self.assertLess(float(np.abs(restored - published).mean()), 0.01)


if __name__ == "__main__":
    unittest.main()
