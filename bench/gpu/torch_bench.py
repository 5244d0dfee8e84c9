"""The same work in PyTorch, eager and in float32 without TF32. Reads a job a line (JSON), answers each with a line.

Jobs are those of `torch.ts`: a product, a pass over memory, the training step of a WeatherMixer (arXiv:2507.05753), or
the first losses of one from given parameters. The first line that is printed says what PyTorch found.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def synchronize():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def series_ms(work, repetitions):
    """Milliseconds of a run of `work`, by the device's clock where there is one."""
    if DEVICE == "cpu":
        begun = time.perf_counter()
        for _ in range(repetitions):
            work()
        return 1000 * (time.perf_counter() - begun) / repetitions
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    for _ in range(repetitions):
        work()
    end.record()
    torch.cuda.synchronize()
    return begin.elapsed_time(end) / repetitions


def timed(work, effort):
    """The median of several series and the quartiles around it."""
    for _ in range(2):
        work()
    synchronize()
    ms, repetitions = series_ms(work, 1), 1
    while ms * repetitions < effort["seriesMs"] and repetitions < 4096:
        repetitions = min(4096, max(2 * repetitions, math.ceil(effort["seriesMs"] / max(ms, 1e-4))))
        ms = series_ms(work, repetitions)
    times = sorted(series_ms(work, repetitions) for _ in range(effort["rounds"]))
    at = lambda share: times[round(share * (len(times) - 1))]
    return {"ms": at(0.5), "low": at(0.25), "high": at(0.75), "repetitions": repetitions}


def randn(*shape):
    return torch.randn(*shape, device=DEVICE)


def product(job):
    a, b = randn(*job["a"]), randn(*job["b"])
    left = a.mT if job["transposeA"] else a
    right = b.mT if job["transposeB"] else b
    if not job["sumBatch"]:
        return timed(lambda: left @ right, job["effort"])
    if job["transposeA"] and not job["transposeB"] and a.dim() == 3 and b.dim() == 3:
        # The batch lies along the inner axis: one product, as PyTorch's own linear layers have it.
        flat_a, flat_b = a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1])
        return timed(lambda: flat_a.T @ flat_b, job["effort"])
    return timed(lambda: (left @ right).sum(0), job["effort"])


def grouped_norm(x, weight, bias, groups):
    shape = x.shape
    y = F.layer_norm(x.reshape(*shape[:-1], groups, shape[-1] // groups), (shape[-1] // groups,), eps=1e-5)
    return y.reshape(shape) * weight + bias


def one_pass(job):
    kind, shape = job["name"], job["shape"]
    effort = job["effort"]
    if kind == "empty":
        x = torch.zeros(1, device=DEVICE)

        def dispatches():
            for _ in range(shape[0]):
                x.add_(0)

        return timed(dispatches, effort)
    if kind == "adam":
        parameter = nn.Parameter(randn(*shape))
        parameter.grad = randn(*shape)
        optimizer = torch.optim.AdamW([parameter], lr=1e-3, weight_decay=0.05)
        return timed(optimizer.step, effort)
    x = randn(*shape)
    if kind in ("norm", "norm backward"):
        weight, bias = (nn.Parameter(randn(shape[-1])) for _ in range(2))
        if kind == "norm":
            with torch.no_grad():
                return timed(lambda: grouped_norm(x, weight, bias, 2), effort)
        x.requires_grad_()
        y, dy = grouped_norm(x, weight, bias, 2), randn(*shape)
        return timed(lambda: torch.autograd.grad(y, (x, weight, bias), dy, retain_graph=True), effort)
    z = randn(*shape)
    works = {
        "scale": lambda: x * 2,
        "add": lambda: x + z,
        "gelu": lambda: F.gelu(x),
        "transpose": lambda: x.T.contiguous(),
        "sum": lambda: x.sum(),
    }
    return timed(works[kind], effort)


class Norm(nn.Module):
    """Statistics over each group of channels; `pairs`: a group is the same run of both halves."""

    def __init__(self, channels, groups, pairs=False):
        super().__init__()
        self.groups, self.pairs = groups, pairs
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        if not self.pairs:
            return grouped_norm(x, self.weight, self.bias, self.groups)
        shape, g = x.shape, self.groups
        y = x.reshape(*shape[:-1], 2, g, shape[-1] // 2 // g).transpose(-3, -2)
        normed = F.layer_norm(y.reshape(*shape[:-1], g, -1), (shape[-1] // g,), eps=1e-5).reshape(y.shape)
        return normed.transpose(-3, -2).reshape(shape) * self.weight + self.bias


def groups_of(channels, wanted):
    return wanted if channels % wanted == 0 else 1


class Block(nn.Module):
    def __init__(self, c, tokens):
        super().__init__()
        d, groups = c["embedding"], groups_of(c["embedding"], c["normGroups"])
        self.norm1, self.norm2 = Norm(d, groups), Norm(d, groups)
        self.token1, self.token2 = nn.Linear(tokens, c["tokenHidden"]), nn.Linear(c["tokenHidden"], tokens)
        self.channel1, self.channel2 = nn.Linear(d, c["channelHidden"]), nn.Linear(c["channelHidden"], d)
        self.drop = nn.Dropout(c["dropout"])

    def forward(self, x):  # [batch, tokens, d]
        y = self.drop(F.gelu(self.token1(self.norm1(x).transpose(1, 2))))
        x = x + self.drop(self.token2(y)).transpose(1, 2)
        y = self.drop(F.gelu(self.channel1(self.norm2(x))))
        return x + self.drop(self.channel2(y))


class WeatherMixer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c = c = config
        (ph, pw), d, channels, wanted = c["patch"], c["embedding"], c["channels"], c["normGroups"]
        tokens = c["height"] // ph * (c["width"] // pw)
        inputs = c["inputSteps"] * channels + c["statics"]
        latent = 2 * d if c["latentSkip"] == "concat" else d
        self.embed = nn.Linear(inputs * ph * pw, d)
        self.blocks = nn.ModuleList(Block(c, tokens) for _ in range(c["blocks"]))
        self.norm = Norm(d, groups_of(d, wanted))
        self.recover = nn.Module()
        self.recover.weight = nn.Parameter(torch.empty(latent, channels * ph * pw))
        self.recover.bias = nn.Parameter(torch.zeros(channels))
        nn.init.uniform_(self.recover.weight, -(latent**-0.5), latent**-0.5)
        if c["head"] == "blend":
            groups = groups_of(channels, wanted)
            self.norm_out, self.norm_blend = Norm(channels, groups), Norm(2 * channels, groups, pairs=True)
            self.blend = nn.Linear(2 * channels, channels)

    def forward(self, x):  # [batch, inputs, height, width]
        c = self.c
        (ph, pw), channels = c["patch"], c["channels"]
        batch, inputs, height, width = x.shape
        rows, columns = height // ph, width // pw
        patches = x.reshape(batch, inputs, rows, ph, columns, pw).permute(0, 2, 4, 1, 3, 5)
        embedded = self.embed(patches.reshape(batch, rows * columns, inputs * ph * pw))
        z = embedded
        for _ in range(c["rollout"]):
            for block in self.blocks:
                z = block(z)
        z = torch.cat([self.norm(z), embedded], -1) if c["latentSkip"] == "concat" else self.norm(z + embedded)
        y = z @ self.recover.weight + self.recover.bias.repeat_interleave(ph * pw)
        y = y.reshape(batch, rows, columns, channels, ph, pw).permute(0, 3, 1, 4, 2, 5)
        y = y.reshape(batch, channels, height, width)
        newest = x[:, (c["inputSteps"] - 1) * channels : c["inputSteps"] * channels]
        if c["head"] == "add":
            return newest + y
        last = lambda fields: fields.reshape(batch, channels, height * width).transpose(1, 2)
        joint = torch.cat([self.norm_out(last(y)), last(newest)], -1)
        return self.blend(self.norm_blend(joint)).transpose(1, 2).reshape(newest.shape)


class Training:
    """Loss, backward, clipping, Adam and the moving average of a model."""

    def __init__(self, model, options, rate, x, target, weight):
        self.model, self.options, self.batch = model, options, (x, target, weight)
        self.parameters = list(model.parameters())
        scale = options["rateScale"]

        def group(name, parameter):
            part = "embedding" if name.startswith("embed.") else "blocks" if name.startswith("blocks.") else "recovery"
            vector = parameter.dim() == 1 and not options["decayVectors"]
            return {
                "params": [parameter],
                "lr": rate * scale.get(part, 1),
                "weight_decay": 0 if vector else options["weightDecay"],
            }

        groups = [group(*named) for named in model.named_parameters()]
        # Parameters with equal settings belong together, so that the update takes them together.
        keys = {(g["lr"], g["weight_decay"]) for g in groups}
        joined = [
            {"lr": k[0], "weight_decay": k[1], "params": [g["params"][0] for g in groups if (g["lr"], g["weight_decay"]) == k]}
            for k in sorted(keys)
        ]
        kind = torch.optim.AdamW if options["kind"] == "adamw" else torch.optim.Adam
        betas = (options["beta1"], options["beta2"])
        self.optimizer = kind(joined, betas=betas, eps=options["epsilon"], foreach=True)
        decay = options["averageDecay"]
        self.average = [p.detach().clone() for p in self.parameters] if decay > 0 else []

    def step(self):
        x, target, weight = self.batch
        self.optimizer.zero_grad()
        loss = (((self.model(x) - target) * weight) ** 2).mean()
        loss.backward()
        if self.options["clipNorm"] > 0:
            nn.utils.clip_grad_norm_(self.parameters, self.options["clipNorm"])
        self.optimizer.step()
        if self.average:
            with torch.no_grad():
                torch._foreach_mul_(self.average, self.options["averageDecay"])
                torch._foreach_add_(self.average, self.parameters, alpha=1 - self.options["averageDecay"])
        return loss


def step(job):
    c, batch = job["config"], job["batch"]
    model = WeatherMixer(c).to(DEVICE)
    points = (c["height"], c["width"])
    x = randn(batch, c["inputSteps"] * c["channels"] + c["statics"], *points)
    target, weight = randn(batch, c["channels"], *points), torch.ones(c["channels"], *points, device=DEVICE)
    training = Training(model, job["optimizer"], job["rate"], x, target, weight)
    return {**timed(training.step, job["effort"]), "bytes": torch.cuda.max_memory_allocated() if DEVICE == "cuda" else 0}


def losses(job):
    """The first losses from the parameters and the batch in `job["file"]`: float32, one array after the other."""
    c, batch = job["config"], job["batch"]
    with open(job["file"], "rb") as file:
        values = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    model, at = WeatherMixer({**c, "dropout": 0}), 0

    def take(*shape):
        nonlocal at
        size = math.prod(shape)
        at += size
        return values[at - size : at].reshape(shape).clone()

    named = dict(model.named_parameters())
    with torch.no_grad():
        for name in job["names"]:
            named[name].copy_(take(*named[name].shape))
    model.to(DEVICE)
    points = (c["height"], c["width"])
    x = take(batch, c["inputSteps"] * c["channels"] + c["statics"], *points).to(DEVICE)
    target, weight = take(batch, c["channels"], *points).to(DEVICE), take(c["channels"], *points).to(DEVICE)
    training = Training(model, job["optimizer"], job["rate"], x, target, weight)
    return {"losses": [float(training.step()) for _ in range(job["steps"])]}


WORKS = {"product": product, "pass": one_pass, "step": step, "losses": losses}

name = torch.cuda.get_device_name(0) if DEVICE == "cuda" else "cpu"
print(json.dumps({"torch": torch.__version__, "device": name}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    try:
        answer = WORKS[job["kind"]](job)
    except Exception as error:  # the bench goes on, and says so
        answer = {"error": f"{type(error).__name__}: {error}"}
    if DEVICE == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    print(json.dumps(answer), flush=True)
