"""Checkpoints of Isobar, read and written: one safetensors file with parameters, optimizer state, averaged parameters,
running statistics and normalisation by name, and what a run needs to go on as JSON in its metadata."""

import json
import math
import os
import struct
import time

import numpy as np
import torch
from torch import nn


def read_safetensors(path: str):
    """Arrays by name (F32 and F64), and the metadata."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        dtype = {"F32": "<f4", "F64": "<f8"}[entry["dtype"]]
        arrays[name] = np.frombuffer(data[start:end], dtype).reshape(entry["shape"]).copy()
    return arrays, metadata


def write_safetensors(path: str, arrays: dict, metadata: dict) -> None:
    """Writes F32, beside its place first: a lost process costs nothing that was saved before."""
    header, end = {"__metadata__": metadata}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [end, end + 4 * array.size]}
        end += 4 * array.size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array, "<f4").tobytes())
    os.replace(path + ".part", path)


class Checkpoint:
    """A file and what it says of its run; `info` is as Isobar has it, and goes on from step to step."""

    def __init__(self, path: str):
        self.arrays, self.metadata = read_safetensors(path)
        if self.metadata.get("format") != "isobar-checkpoint-2":
            raise ValueError(f"{path} is not a checkpoint of Isobar (format 2).")
        self.info = json.loads(self.metadata["info"])
        self.normalisation = json.loads(self.metadata["normalisation"])

    def load(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> dict:
        """Fills model and optimizer; returns the averaged parameters by name, none where no average is kept."""
        average = {}
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(self._tensor("parameters", name, parameter))
                state = optimizer.state[parameter]
                for own, space in moments(optimizer).items():
                    state[own] = self._tensor(space, name, parameter)
                if not isinstance(optimizer, torch.optim.SGD):
                    state["step"] = torch.tensor(float(self.info["step"]))
                if f"average/{name}" in self.arrays:
                    average[name] = self._tensor("average", name, parameter)
            for name, norm in batch_norms(model):
                running = torch.from_numpy(self.arrays[f"state/{name}.running"])
                norm.running_mean.copy_(running[0])
                norm.running_var.copy_(running[1])
        return average

    def _tensor(self, space: str, name: str, like: torch.Tensor) -> torch.Tensor:
        array = self.arrays[f"{space}/{name}"]
        if array.shape != tuple(like.shape):
            raise ValueError(f"{space} of {name} has shape {array.shape}, and the model {tuple(like.shape)}.")
        return torch.from_numpy(array).to(like.device)

    def save(self, path: str, model: nn.Module, optimizer, average: dict, step: int, steps: int, loss: float) -> None:
        """Writes the run as it is after `step`."""
        arrays = {}
        for name, parameter in model.named_parameters():
            arrays[f"parameters/{name}"] = parameter
            for own, space in moments(optimizer).items():
                arrays[f"{space}/{name}"] = optimizer.state[parameter][own]
        arrays.update({f"average/{name}": values for name, values in average.items()})
        for name, norm in batch_norms(model):
            arrays[f"state/{name}.running"] = torch.stack([norm.running_mean, norm.running_var])
        arrays = {name: values.detach().cpu().numpy() for name, values in arrays.items()}
        # What is no state of the model, such as the climatology, stays as it was.
        kept = {name: values for name, values in self.arrays.items() if "/" not in name}
        saved_at = max(1000 * time.time(), (self.info.get("savedAt") or 0) + 1)
        first = self.info.get("lossFirst")
        self.info.update(
            step=step,
            steps=steps,
            lossFirst=loss if first is None else first,
            lossLast=loss if math.isfinite(loss) else None,
            savedAt=int(saved_at),
        )
        metadata = {**self.metadata, "info": json.dumps(self.info)}
        write_safetensors(path, {**arrays, **kept}, metadata)


def moments(optimizer: torch.optim.Optimizer) -> dict:
    """What PyTorch calls the optimizer's memory, and Isobar."""
    if isinstance(optimizer, torch.optim.SGD):
        return {"momentum_buffer": "moment1"}
    return {"exp_avg": "moment1", "exp_avg_sq": "moment2"}


def batch_norms(model: nn.Module):
    return [(name, module) for name, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)]
