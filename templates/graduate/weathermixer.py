"""WeatherMixer, a weather model of MLPs (arXiv:2507.05753), with the names of parameters that Isobar has."""

import torch
import torch.nn.functional as F
from torch import nn

from chance import Draw, dropout_mask

EPSILON = 1e-5


class Product(nn.Module):
    """The weight and bias of a product whose weight has three axes."""

    def __init__(self, weight: tuple, bias: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(weight))
        self.bias = nn.Parameter(torch.zeros(bias))


class ChannelNorm(nn.Module):
    """Layer norm over groups of the last axis; scale and shift by channel.

    With two segments the axis is two runs side by side, and a group has the same channels of both.
    """

    def __init__(self, channels: int, groups: int, segments: int = 1):
        super().__init__()
        self.groups, self.segments = groups, segments
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        lead, channels = x.shape[:-1], x.shape[-1]
        own = channels // self.segments // self.groups
        split = x.reshape(*lead, self.segments, self.groups, own).transpose(-3, -2)
        normed = F.layer_norm(split, (self.segments, own), eps=EPSILON)
        return normed.transpose(-3, -2).reshape(x.shape) * self.weight + self.bias


class MixerBlock(nn.Module):
    def __init__(self, config: dict, tokens: int):
        super().__init__()
        width, groups = config["embedding"], config["normGroups"]
        self.norm1 = ChannelNorm(width, groups)
        self.token1 = nn.Linear(tokens, config["tokenHidden"])
        self.token2 = nn.Linear(config["tokenHidden"], tokens)
        self.norm2 = ChannelNorm(width, groups)
        self.channel1 = nn.Linear(width, config["channelHidden"])
        self.channel2 = nn.Linear(config["channelHidden"], width)

    def forward(self, z: torch.Tensor, drop) -> torch.Tensor:
        """z [batch, tokens, embedding]. Masks are drawn of what has tokens as rows, as Isobar lays it out."""
        hidden = drop(F.gelu(self.token1(self.norm1(z).transpose(1, 2))).transpose(1, 2))
        z = z + drop(self.token2(hidden.transpose(1, 2)).transpose(1, 2))
        hidden = drop(F.gelu(self.channel1(self.norm2(z))))
        return z + drop(self.channel2(hidden))


class WeatherMixer(nn.Module):
    """[batch, inputSteps * channels + statics, height, width] -> the next state, [batch, channels, height, width]."""

    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        channels, width = config["channels"], config["embedding"]
        inputs = config["inputSteps"] * channels + config["statics"]
        rows, columns = config["patch"]
        tokens = (config["height"] // rows) * (config["width"] // columns)
        latent = 2 * width if config["latentSkip"] == "concat" else width
        self.embed = Product((width, inputs, rows * columns), width)
        self.blocks = nn.ModuleList(MixerBlock(config, tokens) for _ in range(config["blocks"]))
        self.norm = ChannelNorm(width, config["normGroups"])
        self.recover = Product((latent, channels, rows * columns), channels)
        if config["head"] == "blend":
            groups = config["normGroups"] if channels % config["normGroups"] == 0 else 1
            self.norm_out = ChannelNorm(channels, groups)
            self.norm_blend = ChannelNorm(2 * channels, groups, segments=2)
            self.blend = nn.Linear(2 * channels, channels)

    @staticmethod
    def part_of(name: str) -> str:
        """Parts of the model whose learning rates may differ, by the name of a parameter."""
        return {"embed": "embedding", "blocks": "blocks"}.get(name.split(".")[0], "recovery")

    def forward(self, x: torch.Tensor, draw: Draw = None) -> torch.Tensor:
        config, rate, layers = self.config, self.config["dropout"], 0

        def drop(y: torch.Tensor) -> torch.Tensor:
            nonlocal layers
            layers += 1
            if draw is None or rate == 0:
                return y
            return y * dropout_mask(y.shape, rate, layers - 1, draw, y.device) / (1 - rate)

        channels, (rows, columns) = config["channels"], config["patch"]
        batch, inputs, height, width = x.shape
        grid = (height // rows, width // columns)
        # [batch, tokens, inputs * points of a patch]
        patches = x.reshape(batch, inputs, grid[0], rows, grid[1], columns).permute(0, 2, 4, 1, 3, 5)
        patches = patches.reshape(batch, grid[0] * grid[1], -1)
        embedded = F.linear(patches, self.embed.weight.flatten(1), self.embed.bias)
        z = embedded
        for _ in range(config["rollout"]):
            for block in self.blocks:
                z = block(z, drop)
        if config["latentSkip"] == "concat":
            latent = torch.cat([self.norm(z), embedded], 2)
        else:
            latent = self.norm(z + embedded)
        fields = (latent @ self.recover.weight.flatten(1)).reshape(batch, *grid, channels, rows, columns)
        fields = fields.permute(0, 3, 1, 4, 2, 5).reshape(batch, channels, height, width)
        fields = fields + self.recover.bias[:, None, None]
        newest = x[:, (config["inputSteps"] - 1) * channels :][:, :channels]
        if config["head"] == "add":
            return newest + fields
        both = torch.cat([self.norm_out(fields.permute(0, 2, 3, 1)), newest.permute(0, 2, 3, 1)], 3)
        return self.blend(self.norm_blend(both)).permute(0, 3, 1, 2)
