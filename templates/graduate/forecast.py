"""The samples of a forecast as Isobar makes them: which there are, how they are normalised, what the loss weighs."""

import numpy as np

from fields import open_fields


class ForecastData:
    """Some past states in, a later one out, on a grid that is padded to whole patches."""

    def __init__(self, settings: dict, checkpoint, folder: str):
        self.options, self.norm = settings["task"]["options"], checkpoint.normalisation
        self.fields = fields = open_fields(settings["data"], folder)
        self.members = settings["data"]["members"]
        self.year = settings["data"]["yearMs"]
        self.harmonics = self.norm["harmonics"]
        channels, rows, columns = len(settings["data"]["channels"]), len(fields.latitude), len(fields.longitude)
        self.grid = (channels, rows, columns)
        height, width = self.options["patch"]
        self.padding = (-rows % height, -columns % width)
        terms = 1 + 2 * self.harmonics
        self.climatology = checkpoint.arrays["climatology"].reshape(terms, *self.grid)
        self.statics = self._statics(fields)
        self.constants = {"weight": self._pad(np.repeat(self._row_weights(settings)[..., None], columns, 2))}
        self.parts = self._parts(settings["data"]["unknownRecords"])

    def __getitem__(self, drawn_sample) -> dict:
        """The arrays of a sample, by the record of its newest input. A target's mask is 1 where it is known."""
        _, record = drawn_sample
        steps, lead = self.options["inputSteps"], self.options["leadSteps"]
        states = [self._normalised(record - age * self.members) for age in reversed(range(steps))]
        target = self._normalised(record + lead * self.members)
        planes = [np.nan_to_num(np.concatenate(states), nan=0.0), self.statics]
        planes = [self._pad(plane) for plane in planes]
        if self.options.get("seasonInputs"):
            # The padding has it too, as in Isobar.
            cosine, sine = np.sqrt(2) * self._basis(self.fields.times[record], 1)[1:]
            planes.append(np.stack([np.full(planes[0].shape[1:], value, np.float32) for value in (cosine, sine)]))
        return {
            "input": np.concatenate(planes).astype(np.float32),
            "target": self._pad(np.nan_to_num(target, nan=0.0)),
            "mask": self._pad((~np.isnan(target)).astype(np.float32)),
        }

    def denormalise(self, state: np.ndarray, time: float) -> np.ndarray:
        """A state [channels, height, width] that is valid at a time (ms since 1970), in the units of the data."""
        _, rows, columns = self.grid
        std = np.array(self.norm["std"])[:, None, None]
        return (state[:, :rows, :columns] * std + self._base(time)).astype(np.float32)

    def check(self) -> None:
        """Whether the data read as they did in Isobar: some records' known values and means. Raises ValueError."""
        std = np.array(self.norm["std"])
        for probe in self.fields.source.get("probes", []):
            state = self.fields.state(probe["record"]).reshape(len(std), -1).astype(np.float64)
            known = (~np.isnan(state)).sum(1)
            mean = np.nansum(state, 1) / np.maximum(known, 1)
            distance = np.abs(mean - probe["mean"])
            off = (known != probe["known"]) | (distance > 1e-4 * std + 1e-6 * np.abs(probe["mean"]))
            if off.any():
                channel = int(np.flatnonzero(off)[0])
                raise ValueError(
                    f"Record {probe['record']} does not read as in Isobar: channel {channel} has {known[channel]} "
                    f"known values of mean {mean[channel]:g}, and had {probe['known'][channel]} of "
                    f"{probe['mean'][channel]:g}. "
                    "Are these the same files? If so, write the project anew with --copy-data."
                )

    def _normalised(self, record: int) -> np.ndarray:
        """[channels, latitude, longitude], NaN where missing."""
        std = np.array(self.norm["std"])[:, None, None]
        return ((self.fields.state(record) - self._base(self.fields.times[record])) / std).astype(np.float32)

    def _base(self, time: float) -> np.ndarray:
        if self.norm["kind"] == "standard":
            return np.array(self.norm["mean"])[:, None, None]
        basis = self._basis(time, self.harmonics)
        # Rounded as in Isobar, and subtracted in double precision.
        return np.tensordot(basis, self.climatology.astype(np.float64), 1).astype(np.float32).astype(np.float64)

    def _basis(self, time: float, harmonics: int) -> np.ndarray:
        """1, cos p, sin p, cos 2p, ... of the time of year."""
        phase = 2 * np.pi * np.fmod(time, self.year) / self.year
        waves = [wave(k * phase) for k in range(1, harmonics + 1) for wave in (np.cos, np.sin)]
        return np.array([1.0, *waves])

    def _statics(self, fields) -> np.ndarray:
        _, rows, columns = self.grid
        planes = [fields.statics] if len(fields.statics) else []
        if self.options.get("positionInputs"):
            sine = np.sin(np.radians(np.asarray(fields.latitude)))[:, None].repeat(columns, 1)
            east = np.asarray(fields.longitude)[None].repeat(rows, 0)
            planes.append(np.stack([sine, east]).astype(np.float32))
        if not planes:
            return np.zeros((0, rows, columns), np.float32)
        mean, std = (np.array(self.norm[name])[:, None, None] for name in ("staticMean", "staticStd"))
        return np.nan_to_num((np.concatenate(planes) - mean) / std, nan=0.0).astype(np.float32)

    def _row_weights(self, settings: dict) -> np.ndarray:
        """Root of area weight times variable weight, [channels, latitude]; the mean square is 1."""
        weights, area = self.options.get("variableWeights", {}), cell_weights(np.asarray(self.fields.latitude))
        channels = settings["data"]["channels"]
        own = np.array([weights.get(c["name"], weights.get(c["variable"], 1)) for c in channels])
        return np.sqrt(own[:, None] * area / own.mean()).astype(np.float32)

    def _pad(self, planes: np.ndarray) -> np.ndarray:
        return np.pad(planes, ((0, 0), (0, self.padding[0]), (0, self.padding[1]))).astype(np.float32)

    def _parts(self, unknown: list) -> dict:
        """Records of the newest input of the samples of every part, all of which lie in it, without a gap."""
        split, times, members = self.options["split"], self.fields.times, self.members
        count = len(times) // members
        if split["kind"] == "fraction":
            # As Math.round: halves go up.
            shares = (split["train"], split["train"] + split["validation"])
            cuts = [int(np.floor(count * share + 0.5)) * members for share in shares]
        else:
            cuts = [int(np.searchsorted(times, split[name])) for name in ("validationFromMs", "testFromMs")]
        before = (self.options["inputSteps"] - 1) * members
        after = self.options["leadSteps"] * members
        steps, known = self.fields.steps, ~np.isin(np.arange(len(times)), unknown)
        parts = {}
        for name, first, end in (("train", 0, cuts[0]), ("validation", *cuts), ("test", cuts[1], len(times))):
            records = np.arange(first + before, max(first + before, end - after))
            whole = (steps[records + after] - steps[records - before]) * members == before + after
            parts[name] = records[whole & known[records + after]]
        return parts


def cell_weights(latitude: np.ndarray) -> np.ndarray:
    """Share of the sphere of each row of the grid, mean 1. A pole bounds a row that lies within a spacing of it."""
    if len(latitude) < 2:
        return np.ones(len(latitude))

    def outer(edge: float, following: float) -> float:
        pole, spacing = 90 * np.sign(edge - following), abs(edge - following)
        return pole if abs(pole - edge) <= 1.001 * spacing else edge + (edge - following) / 2

    middles = (latitude[1:] + latitude[:-1]) / 2
    bounds = np.array([outer(latitude[0], latitude[1]), *middles, outer(latitude[-1], latitude[-2])])
    shares = np.abs(np.diff(np.sin(np.radians(bounds))))
    return shares / shares.mean()
