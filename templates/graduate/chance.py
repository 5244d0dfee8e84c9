"""Isobar's random numbers. All are functions of the seed and of where they are used, so that a step draws the same
samples and the same masks on any machine and in any number of processes."""

from typing import NamedTuple

import torch

MASK = 0xFFFFFFFF
SHUFFLE_STREAM = 0x5EED
CROP_STREAM = 2


class Draw(NamedTuple):
    """What the masks of a pass depend on."""

    seed: int
    step: int
    # Number of the pass's first sample in the whole batch.
    first_sample: int


def philox(c0, c1, c2, c3, seed: int):
    """Four words of Philox-4x32-10 (Salmon et al. 2011). Counters are numbers or int64 tensors of 32-bit words."""

    def product(p: int, q):
        # The high and the low word, without a product beyond 63 bits.
        high, low = (p >> 16) * q, (p & 0xFFFF) * q
        total = low + ((high & 0xFFFF) << 16)
        return (high >> 16) + (total >> 32), total & MASK

    k0, k1 = seed & MASK, seed >> 32
    for _ in range(10):
        high0, low0 = product(0xD2511F53, c0)
        high1, low1 = product(0xCD9E8D57, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c0, c1, c2, c3


def dropout_mask(shape, rate: float, layer: int, draw: Draw, device) -> torch.Tensor:
    """True where an element [samples, rows, columns] is kept. Four neighbours share a block of words."""
    samples, rows, columns = shape
    first, count = draw.first_sample * rows * columns, samples * rows * columns
    blocks = torch.arange(first // 4, (first + count + 3) // 4, device=device) & (MASK >> 2)
    words = torch.stack(philox(blocks, layer, draw.step, 0, draw.seed), 1).flatten()
    return (words[first % 4 :][:count] >= int(rate * 2**32 + 0.5)).reshape(shape)


def shuffled(length: int, seed: int, epoch: int) -> list:
    """A permutation for one pass over the data (Fisher and Yates)."""
    words = philox(torch.arange(length), SHUFFLE_STREAM, epoch, 0, seed & MASK)[0].tolist()
    order = list(range(length))
    for i in range(length - 1, 0, -1):
        j = (words[i] * (i + 1)) >> 32
        order[i], order[j] = order[j], order[i]
    return order


class Order:
    """For every step the samples that this process trains on, as (number of the draw, sample), for a DataLoader.

    The whole batch is drawn without replacement, pass after pass; a process has a run of it.
    """

    def __init__(self, samples, batch: int, steps: range, seed: int, rank: int, world: int):
        self.samples, self.batch, self.steps, self.seed = samples, batch, steps, seed
        self.own = range(rank * batch // world, (rank + 1) * batch // world)

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self):
        epoch, order = None, []
        for step in self.steps:
            draws = []
            for drawn in ((step - 1) * self.batch + i for i in self.own):
                if drawn // len(self.samples) != epoch:
                    epoch = drawn // len(self.samples)
                    order = shuffled(len(self.samples), self.seed, epoch)
                draws.append((drawn, int(self.samples[order[drawn % len(self.samples)]])))
            yield draws


def crop_draws(seed: int, drawn: int):
    """Uniform numbers in [0, 1) for what is done to the image of a draw: sfc32 of PractRand, begun at three words."""
    a, b, c, counter = seed & MASK, drawn & MASK, CROP_STREAM ^ ((drawn >> 32) << 8), 1
    rounds = 0
    while True:
        out = (a + b + counter) & MASK
        counter = (counter + 1) & MASK
        a, b, c = b ^ (b >> 9), (c + (c << 3)) & MASK, (((c << 21) | (c >> 11)) + out) & MASK
        rounds += 1
        if rounds > 12:
            yield out / 2**32
