"""The samples of a classification as Isobar makes them: images, and what is done to those that are trained on."""

import os

import numpy as np

from chance import crop_draws

PADDING = 4
LEAST_AREA, LEAST_RATIO, TRIES = 0.08, 3 / 4, 10


class ImageData:
    """Images as bytes, mapped from a file; what is done to one depends on the number of its draw alone."""

    def __init__(self, settings: dict, checkpoint, folder: str):
        source = os.path.join(folder, settings["data"]["folder"])
        self.pixels = np.load(os.path.join(source, "images.npy"), mmap_mode="r")
        self.labels = np.load(os.path.join(source, "labels.npy"))
        self.parts = {part: np.load(os.path.join(source, f"{part}.npy")) for part in ("train", "validation", "test")}
        self.mean = np.array(checkpoint.normalisation["mean"])[:, None, None]
        self.deviation = np.array(checkpoint.normalisation["deviation"])[:, None, None]
        self.augmentation, self.seed = settings["task"]["options"]["augmentation"], settings["seed"]
        self.constants = {}

    def __getitem__(self, drawn_sample) -> dict:
        """Of a draw with a negative number, which is none of training, the image as it is."""
        drawn, sample = drawn_sample
        pixels = self.pixels[sample]
        if drawn >= 0 and self.augmentation == "shift":
            pixels = shifted(pixels, self.seed, drawn)
        if drawn >= 0 and self.augmentation == "crop":
            pixels = cropped(pixels, self.seed, drawn)
        image = ((pixels / 255 - self.mean) / self.deviation).astype(np.float32)
        return {"image": image, "label": np.int64(self.labels[sample])}

    def check(self) -> None:
        """These are the images themselves: nothing reads otherwise."""


def shifted(pixels: np.ndarray, seed: int, drawn: int) -> np.ndarray:
    """Shifted by up to four pixels either way, black where nothing was, and mirrored half of the time."""
    draw = crop_draws(seed, drawn)
    down, right = (int((2 * PADDING + 1) * next(draw)) for _ in range(2))
    _, height, width = pixels.shape
    padded = np.pad(pixels, ((0, 0), (PADDING, PADDING), (PADDING, PADDING)))
    part = padded[:, down : down + height, right : right + width]
    return part[:, :, ::-1] if next(draw) < 0.5 else part


def cropped(pixels: np.ndarray, seed: int, drawn: int) -> np.ndarray:
    """A random part, of 8 to 100 % of the area and up to a third longer one way, brought to the size of the whole."""
    draw = crop_draws(seed, drawn)
    mirrored = next(draw) < 0.5
    _, height, width = pixels.shape
    top, left, part_height, part_width = random_part(height, width, draw)
    rows = weights_along(top, part_height, height)
    columns = weights_along(left, part_width, width)
    resized = rows @ (pixels @ columns.T).astype(np.float32)
    part = np.floor(resized + 0.5).astype(np.uint8)
    return part[:, :, ::-1] if mirrored else part


def random_part(height: int, width: int, draw) -> tuple:
    """Top, left, height and width in whole pixels; the middle where none of the tries fits."""
    for _ in range(TRIES):
        area = height * width * (LEAST_AREA + (1 - LEAST_AREA) * next(draw))
        ratio = LEAST_RATIO ** (1 - 2 * next(draw))
        w, h = (int(np.floor(np.sqrt(side) + 0.5)) for side in (area * ratio, area / ratio))
        y, x = next(draw), next(draw)
        if 1 <= w <= width and 1 <= h <= height:
            return int(y * (height - h + 1)), int(x * (width - w + 1)), h, w
    w = min(width, max(1, int(np.floor(height / LEAST_RATIO + 0.5))))
    h = min(height, max(1, int(np.floor(width / LEAST_RATIO + 0.5))))
    return (height - h) // 2, (width - w) // 2, h, w


def weights_along(start: int, length: int, size: int) -> np.ndarray:
    """[size, size]: what of a line of pixels makes each of the new line, of `length` pixels from `start` on.

    Bilinear; where a side is reduced, weights fall off over as many pixels as become one.
    """
    scale = length / size
    reach = max(1.0, scale)
    taps = min(size, int(np.ceil(2 * reach)))
    weights = np.zeros((size, size))
    for n in range(size):
        centre = start + (n + 0.5) * scale
        first = min(size - taps, max(0, int(np.ceil(centre - reach - 0.5))))
        own = np.maximum(0, 1 - np.abs(np.arange(first, first + taps) + 0.5 - centre) / reach)
        weights[n, first : first + taps] = own / own.sum()
    return weights
