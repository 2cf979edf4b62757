"""YAMNet in a LiteRT interpreter, to label and to distil from."""
import warnings

import numpy as np

SAMPLES = 15_600
EMBEDDING_TENSOR = 121
SCORES, EMBEDDING = 521, 1024


class Teacher:
    """`teacher(patch)` → 521 scores and the 1,024 values of the embedding."""

    def __init__(self, folder):
        from ai_edge_litert.interpreter import Interpreter
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.interpreter = Interpreter(str(folder / "yamnet.tflite"), num_threads=1, experimental_preserve_all_tensors=True)
        self.interpreter.allocate_tensors()
        details = self.interpreter.get_input_details()[0]
        self.input, self.shape = details["index"], details["shape"]
        self.scores = self.interpreter.get_output_details()[0]["index"]

    def __call__(self, patch, peak=0.7):
        """A second of sound at any level. It is raised to the peak first: the teacher knows no far microphone."""
        wave = np.asarray(patch, np.float32)[200: 200 + SAMPLES]
        wave = wave - wave.mean()
        loudest = np.abs(wave).max()
        if peak and loudest > 1e-6:
            wave = wave * (peak / loudest)
        self.interpreter.set_tensor(self.input, wave.reshape(self.shape))
        self.interpreter.invoke()
        return (self.interpreter.get_tensor(self.scores)[0].copy(),
                self.interpreter.get_tensor(EMBEDDING_TENSOR)[0].copy())
