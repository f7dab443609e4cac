"""The two networks in torch: a conformer with CTC heads, and a small frame-level language network.

The conformer follows Gulati et al. 2020 with three simplifications that cost a small model nothing
on one CPU core: one-dimensional subsampling, layer normalization in the convolution module, and
distance penalties (Press et al. 2022) in place of relative position encodings.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from cswitch.recognition.features import BINS


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """Sizes of the conformer."""

    units: int
    phones: int
    dim: int = 144
    layers: int = 10
    heads: int = 4
    kernel: int = 15
    phone_layer: int = 3
    middle_layer: int = 6


class Encoder(nn.Module):
    """Log-mel features (batch × frames × bins) to logits of output units, four times slower."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.shape = shape
        self.subsampling = Subsampling(shape.dim)
        self.layers = nn.ModuleList(
            Layer(shape.dim, shape.heads, shape.kernel) for _ in range(shape.layers)
        )
        self.norm = nn.LayerNorm(shape.dim)
        self.middle_norm = nn.LayerNorm(shape.dim)
        self.head = nn.Linear(shape.dim, shape.units)
        self.condition = nn.Linear(shape.units, shape.dim)
        self.phone_head = nn.Linear(shape.dim, shape.phones)

    def forward(
        self, features: Tensor, frames: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the last layer, of the middle layer, and of phones.

        Args:
            features: Padded with anything.
            frames: How many frames of each row are real; all of them if left out.
        """
        x = self.subsampling(features, frames)
        bias, padding = _surroundings(x, frames, self.shape.heads)
        middle = phones = x
        for index, layer in enumerate(self.layers, start=1):
            x = layer(x, bias, padding)
            if index == self.shape.phone_layer:
                phones = self.phone_head(x)
            if index == self.shape.middle_layer:
                # Self-conditioned CTC (Nozaki and Komatsu 2021): later layers see the first guess.
                middle = self.head(self.middle_norm(x))
                x = x + self.condition(middle.float().softmax(dim=-1))
        return self.head(self.norm(x)), middle, phones

    def hidden(self, features: Tensor, frames: Tensor) -> Tensor:
        """What the last layer makes of features, before any output unit is thought of."""
        x = self.subsampling(features, frames)
        bias, padding = _surroundings(x, frames, self.shape.heads)
        for layer in self.layers:
            x = layer(x, bias, padding)
        out: Tensor = self.norm(x)
        return out


class Guesser(nn.Module):
    """An encoder that guesses what is hidden from it (BEST-RQ, Chiu et al. 2022).

    Random numbers, drawn once and never trained, turn the four frames behind each output frame
    into one of some codes. Some stretches of the input are replaced by noise, and the encoder
    learns to tell the codes of what was there from what is around it: that needs no transcripts.
    """

    SPAN, SHARE, NOISE = 10, 0.4, 0.1
    projection: Tensor
    codebook: Tensor

    def __init__(self, shape: EncoderShape, codes: int = 1024, dim: int = 16) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape)
        self.head = nn.Linear(shape.dim, codes)
        projection = nn.init.xavier_normal_(torch.empty(4 * BINS, dim))
        self.register_buffer("projection", projection)
        self.register_buffer("codebook", functional.normalize(torch.randn(codes, dim), dim=1))

    def codes(self, features: Tensor) -> Tensor:
        """The nearest code of each output frame, by angle."""
        stacked = functional.pad(features, (0, 0, 0, -features.shape[1] % 4))
        stacked = stacked.reshape(len(features), -1, 4 * BINS)
        # Half precision would give other codes.
        with torch.autocast(features.device.type, enabled=False):
            return (stacked @ self.projection @ self.codebook.T).argmax(dim=-1)

    def forward(self, features: Tensor, frames: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the codes, the true codes, and where they were hidden."""
        wanted = self.codes(features)
        hidden = self._stretches(wanted) & (
            torch.arange(wanted.shape[1], device=frames.device) < subsampled(frames)[:, None]
        )
        covered = hidden.repeat_interleave(4, dim=1)[:, : features.shape[1], None]
        heard = torch.where(covered, torch.randn_like(features) * self.NOISE, features)
        return self.head(self.encoder.hidden(heard, frames)), wanted, hidden

    def _stretches(self, codes: Tensor) -> Tensor:
        """Stretches that begin anywhere and may overlap; together about a share of all frames."""
        begin = 1 - (1 - self.SHARE) ** (1 / self.SPAN)
        starts = torch.rand(codes.shape, device=codes.device) < begin
        spread = functional.max_pool1d(
            functional.pad(starts.float(), (self.SPAN - 1, 0)), self.SPAN, stride=1
        )
        return spread > 0


class Subsampling(nn.Module):
    """Two strided convolutions over time; the mel bands are channels."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(BINS, dim, 5, stride=2, padding=2)
        self.second = nn.Conv1d(dim, dim, 3, stride=2, padding=1)

    def forward(self, features: Tensor, frames: Tensor | None = None) -> Tensor:
        x = functional.silu(self.first(features.transpose(1, 2)))
        if frames is not None:
            # The second convolution must see nothing where a shorter row has ended.
            place = torch.arange(x.shape[2], device=x.device)
            x = x.masked_fill((place >= (frames[:, None] + 1) // 2)[:, None], 0.0)
        out: Tensor = functional.silu(self.second(x)).transpose(1, 2)
        return out


class Layer(nn.Module):
    """Feed-forward, attention, convolution, feed-forward, each on a residual path."""

    def __init__(self, dim: int, heads: int, kernel: int) -> None:
        super().__init__()
        self.before = FeedForward(dim)
        self.attention = Attention(dim, heads)
        self.convolution = Convolution(dim, kernel)
        self.after = FeedForward(dim)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x: Tensor, bias: Tensor, padding: Tensor | None) -> Tensor:
        x = x + self.before(x) * 0.5
        x = x + self.attention(x, bias)
        x = x + self.convolution(x, padding)
        x = x + self.after(x) * 0.5
        out: Tensor = self.norm(x)
        return out


class FeedForward(nn.Sequential):
    def __init__(self, dim: int) -> None:
        super().__init__(
            nn.LayerNorm(dim), nn.Linear(dim, 4 * dim), nn.SiLU(), nn.Linear(4 * dim, dim)
        )


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(dim)
        self.project = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, frames, dim = x.shape
        qkv = self.project(self.norm(x)).reshape(batch, frames, 3, self.heads, dim // self.heads)
        # The softmax stays in single precision: half precision made training unstable.
        query, key, value = qkv.float().permute(2, 0, 3, 1, 4).unbind(0)
        weights = query @ key.transpose(2, 3) * (dim // self.heads) ** -0.5 + bias
        mixed = (weights.softmax(dim=-1) @ value).transpose(1, 2).reshape(batch, frames, dim)
        out: Tensor = self.out(mixed)
        return out


class Convolution(nn.Module):
    def __init__(self, dim: int, kernel: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.enter = nn.Linear(dim, 2 * dim)
        self.depthwise = nn.Conv1d(dim, dim, kernel, padding=kernel // 2, groups=dim)
        self.inner_norm = nn.LayerNorm(dim)
        self.leave = nn.Linear(dim, dim)

    def forward(self, x: Tensor, padding: Tensor | None) -> Tensor:
        x = functional.glu(self.enter(self.norm(x)), dim=-1)
        if padding is not None:
            x = x.masked_fill(padding[:, :, None], 0.0)
        x = self.depthwise(x.transpose(1, 2)).transpose(1, 2)
        out: Tensor = self.leave(functional.silu(self.inner_norm(x)))
        return out


def _distances(frames: int, heads: int, device: torch.device) -> Tensor:
    """A penalty that grows with distance, of another slope for each head."""
    place = torch.arange(frames, device=device)
    distance = (place[None, :] - place[:, None]).abs().float()
    slopes = torch.tensor([0.0, *(2.0 ** -(1 + 2 * h) for h in range(heads - 1))], device=device)
    return -slopes[:, None, None] * distance


def _surroundings(x: Tensor, frames: Tensor | None, heads: int) -> tuple[Tensor, Tensor | None]:
    """What attention adds to its weights, and which frames are padding, if any are."""
    bias = _distances(x.shape[1], heads, x.device)
    if frames is None:
        return bias, None
    padding = torch.arange(x.shape[1], device=x.device)[None, :] >= subsampled(frames)[:, None]
    never = torch.zeros_like(padding, dtype=x.dtype).masked_fill(padding, -1e4)
    return bias + never[:, None, None], padding


def subsampled(frames: Tensor) -> Tensor:
    """How many output frames there are for input frames."""
    return torch.div(frames + 3, 4, rounding_mode="floor")


@dataclass(frozen=True, slots=True)
class LanguageShape:
    """Sizes of the language network."""

    languages: int
    phones: int
    units: int
    dim: int = 128
    layers: int = 6
    heads: int = 4
    kernel: int = 15


class LanguageNet(nn.Module):
    """Features to logits of silence and languages, at the rate of the encoder.

    A smaller conformer, of its own so that its errors are not the encoder's. What tells English
    from Hindi is phones where the accent does, and words where it does not: both are told to it.
    """

    def __init__(self, shape: LanguageShape) -> None:
        super().__init__()
        self.shape = shape
        self.subsampling = Subsampling(shape.dim)
        self.layers = nn.ModuleList(
            Layer(shape.dim, shape.heads, shape.kernel) for _ in range(shape.layers)
        )
        self.norm = nn.LayerNorm(shape.dim)
        self.head = nn.Linear(shape.dim, shape.languages)
        self.unit_head = nn.Linear(shape.dim, shape.units)
        self.phone_head = nn.Linear(shape.dim, shape.phones)

    def forward(
        self, features: Tensor, frames: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of languages, of output units, and of phones; see `Encoder.forward`."""
        x = self.subsampling(features, frames)
        bias, padding = _surroundings(x, frames, self.shape.heads)
        phones = x
        for index, layer in enumerate(self.layers, start=1):
            x = layer(x, bias, padding)
            if index == len(self.layers) // 2:
                phones = self.phone_head(x)
        x = self.norm(x)
        return self.head(x), self.unit_head(x), phones
