"""Trains on from the checkpoint, in as many processes as torchrun starts: `torchrun --nproc_per_node=4 train.py`.

A step draws the same samples, and the masks of the same elements, in any number of processes, and as in Isobar.
"""

import argparse
import json
import math
import os
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

from chance import Draw, Order
from checkpoint import Checkpoint


class Place(NamedTuple):
    """This process among all of them."""

    rank: int
    world: int
    device: torch.device


@contextmanager
def processes():
    """Joins the processes that torchrun has started: over NCCL where there are GPUs, else over Gloo."""
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
        # Full precision, as Isobar computes; take these lines out to trade it for speed.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Place(rank, world, device)
    finally:
        if world > 1:
            dist.destroy_process_group()


def build(kind: str, config: dict) -> nn.Module:
    """A model by the kind and config of a checkpoint."""
    if kind == "weathermixer":
        from weathermixer import WeatherMixer

        return WeatherMixer(config)
    from resnet import ResNet

    return ResNet(config)


def open_data(settings: dict, checkpoint: Checkpoint, folder: str):
    """The samples of the task, normalised as the checkpoint was trained."""
    if settings["task"]["kind"] == "forecast":
        from forecast import ForecastData

        return ForecastData(settings, checkpoint, folder)
    from images import ImageData

    return ImageData(settings, checkpoint, folder)


def make_optimizer(model: nn.Module, settings: dict) -> torch.optim.Optimizer:
    """Groups differ by part of the model, whose rates differ, and by whether weights decay: biases and norms do not."""
    options, groups = settings["optimizer"], {}
    for name, parameter in model.named_parameters():
        decays = parameter.ndim > 1 or options["decayVectors"]
        scale = options["rateScale"].get(model.part_of(name), 1.0)
        own = {"params": [], "rate_scale": scale, "weight_decay": options["weightDecay"] if decays else 0.0}
        groups.setdefault((scale, decays), own)["params"].append(parameter)
    peak = settings["schedule"]["peak"]
    if options["kind"] == "sgd":
        return torch.optim.SGD(groups.values(), peak, options["beta1"], nesterov=options.get("nesterov", False))
    kind = torch.optim.AdamW if options["kind"] == "adamw" else torch.optim.Adam
    return kind(groups.values(), peak, (options["beta1"], options["beta2"]), options["epsilon"])


def learning_rate(schedule: dict, step: int, steps: int) -> float:
    """Of a step, from 1."""
    peak, warmup = schedule["peak"], schedule["warmup"]
    if step <= warmup:
        return peak * step / warmup
    if schedule["kind"] == "constant":
        return peak
    if schedule["kind"] == "milestones":
        return peak * schedule["factor"] ** sum(step > share * steps for share in schedule["at"])
    progress = min(1.0, (step - warmup) / max(1, steps - warmup))
    return schedule["floor"] + 0.5 * (peak - schedule["floor"]) * (1 + math.cos(math.pi * progress))


def loss_of(model: nn.Module, batch: dict, settings: dict, draw: Draw = None) -> torch.Tensor:
    """Weighted mean square of a forecast's error, padding among the points; or cross-entropy."""
    if settings["task"]["kind"] == "classify":
        smoothing = settings["task"]["options"]["labelSmoothing"]
        return F.cross_entropy(model(batch["image"], draw), batch["label"], label_smoothing=smoothing)
    error = (model(batch["input"], draw) - batch["target"]) * batch["weight"] * batch["mask"]
    return error.square().mean()


class Run:
    """A model with all that it is trained by, in one of the processes."""

    def __init__(self, settings: dict, folder: str, checkpoint: str, place: Place):
        self.settings, self.place = settings, place
        self.batch, self.passes = settings["batch"], settings["passes"]
        if self.batch % (place.world * self.passes):
            parts = f"{place.world} processes in {self.passes} passes"
            raise SystemExit(f"A batch of {self.batch} cannot be cut for {parts}: change batch in settings.json.")
        self.file = Checkpoint(checkpoint)
        self.data = open_data(settings, self.file, folder)
        if place.rank == 0:
            self.data.check()
        constants = self.data.constants.items()
        self.constants = {name: torch.from_numpy(values).to(place.device) for name, values in constants}
        self.model = build(settings["model"]["kind"], settings["model"]["config"]).to(place.device)
        self.optimizer = make_optimizer(self.model, settings)
        self.average = self.file.load(self.model, self.optimizer)
        self.step = self.file.info["step"]
        self.parallel = DistributedDataParallel(self.model) if place.world > 1 else self.model

    def batches(self, steps: range, workers: int):
        """The process's share of the batches of some steps, read ahead by workers."""
        rank, world, device = self.place
        order = Order(self.data.parts["train"], self.batch, steps, self.settings["seed"], rank, world)
        pinned = device.type == "cuda"
        for batch in DataLoader(self.data, batch_sampler=order, num_workers=workers, pin_memory=pinned):
            yield self.on_device(batch)

    def on_device(self, batch: dict) -> dict:
        moved = {name: values.to(self.place.device, non_blocking=True) for name, values in batch.items()}
        return {**moved, **self.constants}

    def train_step(self, batch: dict) -> float:
        """One step on this process's share of a batch; returns the loss of the whole batch, before the step."""
        self.step += 1
        options, steps = self.settings["optimizer"], self.settings["steps"]
        rate = learning_rate(self.settings["schedule"], self.step, steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["rate_scale"]
        self.parallel.train()
        self.optimizer.zero_grad()
        samples = self.batch // self.place.world // self.passes
        total = torch.zeros((), device=self.place.device)
        for number in range(self.passes):
            own = slice(number * samples, (number + 1) * samples)
            part = {name: values if name in self.constants else values[own] for name, values in batch.items()}
            draw = Draw(self.settings["seed"], self.step, (self.place.rank * self.passes + number) * samples)
            waits = self.place.world > 1 and number < self.passes - 1
            with self.parallel.no_sync() if waits else nullcontext():
                loss = loss_of(self.parallel, part, self.settings, draw) / self.passes
                loss.backward()
            total += loss.detach()
        if options["clipNorm"] > 0:
            nn.utils.clip_grad_norm_(self.model.parameters(), options["clipNorm"])
        self.optimizer.step()
        self._follow(min(options["averageDecay"], self.step / (10 + self.step)))
        if self.place.world > 1:
            dist.all_reduce(total)
        return float(total) / self.place.world

    @torch.no_grad()
    def _follow(self, decay: float) -> None:
        """The average follows the parameters, a young one faster."""
        for name, parameter in self.model.named_parameters():
            if name in self.average:
                self.average[name].mul_(decay).add_(parameter, alpha=1 - decay)

    @contextmanager
    def averaged(self):
        """Meanwhile the model has the averaged parameters, with which Isobar forecasts."""
        parameters = dict(self.model.named_parameters())
        kept = {name: parameters[name].detach().clone() for name in self.average}
        with torch.no_grad():
            for name, values in self.average.items():
                parameters[name].copy_(values)
            yield self.model.eval()
            for name, values in kept.items():
                parameters[name].copy_(values)

    def predict(self, part: str, sample: int) -> np.ndarray:
        """What the averaged model gives for a sample of a part: a normalised state, or logits."""
        values = self.data[(-1, int(self.data.parts[part][sample]))]
        with self.averaged() as model:
            x = torch.from_numpy(values["image" if "image" in values else "input"])[None].to(self.place.device)
            return model(x)[0].cpu().numpy()

    def validate(self, most: int = 64) -> float:
        """Mean loss of the averaged model over samples of the validation part, evenly spaced."""
        samples = self.data.parts["validation"]
        chosen = np.linspace(0, len(samples) - 1, min(most, len(samples))).astype(int)
        order = [[(-1, int(samples[place]))] for place in chosen]
        with self.averaged() as model:
            batches = map(self.on_device, DataLoader(self.data, batch_sampler=order))
            losses = [float(loss_of(model, batch, self.settings)) for batch in batches]
        return float(np.mean(losses)) if losses else math.nan

    def save(self, path: str, loss: float) -> None:
        if self.place.rank == 0:
            self.file.save(path, self.model, self.optimizer, self.average, self.step, self.settings["steps"], loss)


def options_of(arguments=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", default=os.path.dirname(os.path.abspath(__file__)), help="folder of settings.json")
    parser.add_argument("--checkpoint", help="to go on from (default: --out if it is there, or checkpoint.safetensors)")
    parser.add_argument("--out", help="checkpoint to write (default: trained.safetensors of the project)")
    parser.add_argument("--until", type=int, help="last step (default: that of the settings)")
    parser.add_argument("--workers", type=int, default=0, help="processes that read ahead")
    parser.add_argument("--save-every", type=int, default=1000, help="steps from one checkpoint to the next")
    parser.add_argument("--validate-every", type=int, default=500, help="steps from one validation to the next")
    options = parser.parse_args(arguments)
    first = os.path.join(options.project, "checkpoint.safetensors")
    options.out = options.out or os.path.join(options.project, "trained.safetensors")
    options.checkpoint = options.checkpoint or (options.out if os.path.exists(options.out) else first)
    return options


def train(options: argparse.Namespace, place: Place) -> Run:
    """Trains to the last step, saves, and notes every loss in losses.csv of the project."""
    with open(os.path.join(options.project, "settings.json")) as file:
        settings = json.load(file)
    run = Run(settings, options.project, options.checkpoint, place)
    until = options.until or settings["steps"]
    if run.step >= until:
        raise SystemExit(f"The checkpoint is of step {run.step} of {until}: raise steps in settings.json to go on.")
    log = open(os.path.join(options.project, "losses.csv"), "a") if place.rank == 0 else None
    if log and log.tell() == 0:
        log.write("step,loss,validationLoss\n")
    for batch in run.batches(range(run.step + 1, until + 1), options.workers):
        loss = run.train_step(batch)
        validates = run.step % options.validate_every == 0 or run.step == until
        validation = run.validate() if validates and log else math.nan
        if log:
            log.write(f"{run.step},{loss!r},{'' if math.isnan(validation) else validation}\n")
            log.flush()
            if validates:
                print(f"step {run.step} of {until}: loss {loss:.6g}, validation {validation:.6g}", flush=True)
        if run.step % options.save_every == 0 or run.step == until:
            run.save(options.out, loss)
    return run


if __name__ == "__main__":
    with processes() as own_place:
        train(options_of(), own_place)
