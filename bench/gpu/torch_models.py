"""The models of the bench in PyTorch: parameters have the names that ours have, so that both can start from the same."""

import torch
import torch.nn.functional as F
from torch import nn


def grouped_norm(x, weight, bias, groups):
    shape = x.shape
    y = F.layer_norm(x.reshape(*shape[:-1], groups, shape[-1] // groups), (shape[-1] // groups,), eps=1e-5)
    return y.reshape(shape) * weight + bias


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


def convolution(before, after, kernel, stride=1):
    return nn.Conv2d(before, after, kernel, stride, (kernel - 1) // 2, bias=False)


def shortcut(before, after, stride):
    """A projection of what a block adds to, where shapes differ."""
    if before == after and stride == 1:
        return nn.Identity()
    return nn.Sequential(convolution(before, after, 1, stride), nn.BatchNorm2d(after))


class Basic(nn.Module):
    """Two convolutions of 3 x 3."""

    expansion = 1

    def __init__(self, before, inside, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(before, inside, 3, stride), nn.BatchNorm2d(inside)
        self.conv2, self.bn2 = convolution(inside, inside, 3), nn.BatchNorm2d(inside)
        self.downsample = shortcut(before, inside, stride)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        y += self.downsample(x)
        return F.relu(y, inplace=True)


class Bottleneck(nn.Module):
    """One convolution of 3 x 3, which has the stride (version 1.5), between two of 1 x 1."""

    expansion = 4

    def __init__(self, before, inside, stride):
        super().__init__()
        after = self.expansion * inside
        self.conv1, self.bn1 = convolution(before, inside, 1), nn.BatchNorm2d(inside)
        self.conv2, self.bn2 = convolution(inside, inside, 3, stride), nn.BatchNorm2d(inside)
        self.conv3, self.bn3 = convolution(inside, after, 1), nn.BatchNorm2d(after)
        self.downsample = shortcut(before, after, stride)
        nn.init.zeros_(self.bn3.weight)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        y = self.bn3(self.conv3(y))
        y += self.downsample(x)
        return F.relu(y, inplace=True)


class ResNet(nn.Module):
    """Images to logits; layers by the names of torchvision (arXiv:1512.03385)."""

    def __init__(self, config):
        super().__init__()
        stem, width = config["stem"], config["stemChannels"]
        block = Bottleneck if config["block"] == "bottleneck" else Basic
        self.conv1 = convolution(config["channels"], width, stem["kernel"], stem["stride"])
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(3, 2, 1) if stem["pool"] else nn.Identity()
        self.stages = [f"layer{stage + 1}" for stage in range(len(config["blocks"]))]
        for stage, (name, count) in enumerate(zip(self.stages, config["blocks"])):
            layers, inside = [], config["stageChannels"] * 2**stage
            for i in range(count):
                layers.append(block(width, inside, 2 if stage > 0 and i == 0 else 1))
                width = block.expansion * inside
            setattr(self, name, nn.Sequential(*layers))
        self.fc = nn.Linear(width, config["classes"])

    def forward(self, x):  # [batch, channels, height, width]
        y = self.pool(F.relu(self.bn1(self.conv1(x)), inplace=True))
        for name in self.stages:
            y = getattr(self, name)(y)
        return self.fc(y.mean((2, 3)))


MODELS = {"weathermixer": WeatherMixer, "resnet": ResNet}
