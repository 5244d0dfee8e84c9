"""ResNet (arXiv:1512.03385) with the names of parameters that torchvision and Isobar have."""

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.distributed.nn.functional import all_reduce

from chance import Draw


class BatchNorm(nn.BatchNorm2d):
    """Norms by the images of its own process, or, where that is asked for, by those of all processes."""

    def __init__(self, channels: int, synced: bool):
        super().__init__(channels, eps=1e-5, momentum=0.1)
        self.synced = synced

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        world = dist.get_world_size() if dist.is_initialized() else 1
        if not (self.synced and self.training and world > 1):
            return super().forward(x)
        mean = all_reduce(x.mean((0, 2, 3))) / world
        centred = x - mean[:, None, None]
        variance = all_reduce((centred**2).mean((0, 2, 3))) / world
        count = world * x.numel() / x.shape[1]
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        scale = self.weight / torch.sqrt(variance + self.eps)
        return centred * scale[:, None, None] + self.bias[:, None, None]


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False)


class ResidualBlock(nn.Module):
    """Two convolutions of 3 x 3, or one between two of 1 x 1; the stride lies on the (first) 3 x 3."""

    def __init__(self, inputs: int, inside: int, stride: int, bottleneck: bool, synced: bool):
        super().__init__()
        outputs = inside * (4 if bottleneck else 1)
        kernels = ((1, 1), (3, stride), (1, 1)) if bottleneck else ((3, stride), (3, 1))
        widths = [inputs] + [inside] * (len(kernels) - 1) + [outputs]
        self.layers = len(kernels)
        for i, (kernel, step) in enumerate(kernels):
            setattr(self, f"conv{i + 1}", convolution(widths[i], widths[i + 1], kernel, step))
            setattr(self, f"bn{i + 1}", BatchNorm(widths[i + 1], synced))
        self.downsample = None
        if inputs != outputs or stride != 1:
            self.downsample = nn.Sequential(convolution(inputs, outputs, 1, stride), BatchNorm(outputs, synced))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x
        for i in range(1, self.layers + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.layers:
                y = F.relu(y)
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """Images [batch, channels, height, width] -> logits [batch, classes]."""

    def __init__(self, config: dict):
        super().__init__()
        stem, synced, width = config["stem"], config["syncNorms"], config["stemChannels"]
        bottleneck = config["block"] == "bottleneck"
        self.pool = stem["pool"]
        self.conv1 = convolution(config["channels"], width, stem["kernel"], stem["stride"])
        self.bn1 = BatchNorm(width, synced)
        self.stages = len(config["blocks"])
        for stage, count in enumerate(config["blocks"]):
            inside, blocks = config["stageChannels"] * 2**stage, []
            for i in range(count):
                stride = 2 if stage > 0 and i == 0 else 1
                blocks.append(ResidualBlock(width, inside, stride, bottleneck, synced))
                width = inside * (4 if bottleneck else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(width, config["classes"])

    @staticmethod
    def part_of(name: str) -> str:
        return "network"

    def forward(self, x: torch.Tensor, draw: Draw = None) -> torch.Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        if self.pool:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(x.mean((2, 3)))
