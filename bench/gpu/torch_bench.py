"""The same work in PyTorch, eager and in float32 without TF32. Reads a job a line (JSON), answers each with a line.

Jobs are those of `torch.ts`: a product, a direction of a convolution, a pass over memory, the training step of a model, or
the first losses of one from given parameters. The first line that is printed says what PyTorch found.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

from torch_models import MODELS, grouped_norm

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
# cuDNN times its algorithms once for every shape, and takes the fastest.
torch.backends.cudnn.benchmark = True
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


def convolution(job):
    x, weight, dy = (randn(*job[name]) for name in ("x", "weight", "dy"))
    stride, padding = [job["stride"]] * 2, [job["padding"]] * 2

    def gradient(*wanted):
        def work():
            given = (dy, x, weight, None, stride, padding, [1, 1], False, [0, 0], 1)
            return torch.ops.aten.convolution_backward(*given, [*wanted, False])

        return work

    works = {
        "forward": lambda: F.conv2d(x, weight, stride=stride, padding=padding),
        "images": gradient(True, False),
        "weights": gradient(False, True),
    }
    return timed(works[job["direction"]], job["effort"])


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


def squared_error(model, batch, frame):
    return (((model(batch["input"]) - batch["target"]) * batch["weight"]) ** 2).mean()


def cross_entropy(model, batch, frame):
    logits = model(batch["image"])
    return F.cross_entropy(logits, batch["label"], label_smoothing=frame["sizes"]["labelSmoothing"])


LOSSES = {"forecast": squared_error, "classify": cross_entropy}


class Training:
    """Loss, backward, clipping, the optimizer and the moving average of a model."""

    def __init__(self, model, job, batch):
        self.model, self.frame, self.batch = model, job["frame"], batch
        self.loss = LOSSES[self.frame["task"]]
        self.options = options = job["optimizer"]
        rate = job["rate"]
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
        if options["kind"] == "sgd":
            momentum, nesterov = options["beta1"], options.get("nesterov", False)
            self.optimizer = torch.optim.SGD(joined, momentum=momentum, nesterov=nesterov, foreach=True)
        else:
            kind = torch.optim.AdamW if options["kind"] == "adamw" else torch.optim.Adam
            betas = (options["beta1"], options["beta2"])
            self.optimizer = kind(joined, betas=betas, eps=options["epsilon"], foreach=True)
        decay = options["averageDecay"]
        self.average = [p.detach().clone() for p in self.parameters] if decay > 0 else []

    def step(self):
        self.optimizer.zero_grad()
        loss = self.loss(self.model, self.batch, self.frame)
        loss.backward()
        if self.options["clipNorm"] > 0:
            nn.utils.clip_grad_norm_(self.parameters, self.options["clipNorm"])
        self.optimizer.step()
        if self.average:
            with torch.no_grad():
                torch._foreach_mul_(self.average, self.options["averageDecay"])
                torch._foreach_add_(self.average, self.parameters, alpha=1 - self.options["averageDecay"])
        return loss


def shape_of(spec, samples):
    """Of an input of a frame: one for every sample, or one for all."""
    return [samples, *spec["shape"]] if spec["per"] == "sample" else spec["shape"]


def made_up(spec, job):
    shape = shape_of(spec, job["batch"])
    if spec["dtype"] == "u32":
        return torch.randint(job["frame"]["sizes"]["classes"], shape, device=DEVICE)
    return randn(*shape) if spec["per"] == "sample" else torch.ones(*shape, device=DEVICE)


def model_of(job):
    return MODELS[job["model"]["kind"]](job["model"]["config"])


def step(job):
    model = model_of(job).to(DEVICE)
    batch = {spec["name"]: made_up(spec, job) for spec in job["frame"]["inputs"]}
    training = Training(model, job, batch)
    return {**timed(training.step, job["effort"]), "bytes": torch.cuda.max_memory_allocated() if DEVICE == "cuda" else 0}


def losses(job):
    """The first losses from the parameters and the batch in `job["file"]`: 32-bit words, one array after the other."""
    with open(job["file"], "rb") as file:
        values = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    model, at = model_of(job), 0

    def take(*shape):
        nonlocal at
        size = math.prod(shape)
        at += size
        return values[at - size : at].reshape(shape).clone()

    named = dict(model.named_parameters())
    with torch.no_grad():
        for name in job["names"]:
            named[name].copy_(take(*named[name].shape))
    if len(named) != len(job["names"]):
        raise ValueError(f"{len(job['names'])} parameters were given for {len(named)}")
    batch = {}
    for spec in job["frame"]["inputs"]:
        array = take(*shape_of(spec, job["batch"]))
        batch[spec["name"]] = (array.view(torch.int32).long() if spec["dtype"] == "u32" else array).to(DEVICE)
    training = Training(model.to(DEVICE), job, batch)
    return {"losses": [float(training.step()) for _ in range(job["steps"])]}


WORKS = {"product": product, "convolution": convolution, "pass": one_pass, "step": step, "losses": losses}

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
