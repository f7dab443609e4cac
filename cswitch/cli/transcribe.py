"""``cswitch transcribe``: audio to text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cswitch.cli._jobs import engine_options, run
from cswitch.cli._progress import progress
from cswitch.cli._recognition import check_names
from cswitch.errors import InputError
from cswitch.files import STDIO, address, atomic_path, atomic_write, expand, local

if TYPE_CHECKING:
    from cswitch.decode import Decoder
    from cswitch.posteriors import Labels
    from cswitch.recognizer import Chunk, Recognizer
    from cswitch.transcribe import Transcript


@click.command(name="transcribe")
@click.argument("audio", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--encoder", type=click.Path(path_type=Path), help="An ONNX encoder of your own.")
@click.option(
    "--encoder-config", type=click.Path(path_type=Path), help="The TOML file that describes it."
)
@click.option("--greedy", is_flag=True, help="The best label of each frame, no search.")
@click.option("--beam", type=click.IntRange(min=1), help="Search with this many hypotheses.")
@click.option(
    "--lm",
    type=click.Path(path_type=Path),
    help="ARPA or KenLM binary; the one of the package where its own encoder is used.",
)
@click.option("--lang", default="hi_en", show_default=True, help="Pair or language, such as hi_en.")
@click.option("--nbest", type=click.IntRange(min=1), help="Write this many hypotheses.")
@click.option("--threads", default=1, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--posteriors",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write posteriors into this folder, for cswitch decode.",
)
@click.option("-o", "--output", default=STDIO, help="Where to write; standard output by default.")
@engine_options
def command(
    audio: tuple[Path, ...],
    encoder: Path | None,
    encoder_config: Path | None,
    greedy: bool,
    beam: int | None,
    lm: Path | None,
    lang: str,
    nbest: int | None,
    threads: int,
    posteriors: Path | None,
    output: str,
    jobs: int | None,
    engine: str,
) -> None:
    """Transcribe AUDIO files, one JSON line each: text, words, times, confidences, languages.

    Files are WAV, FLAC, Ogg or MP3 of any sample rate and number of channels, or posteriors
    (.npy, .npz) of another recognizer. The model that comes with the package has never heard real
    speech; name your own with --encoder-config (and --encoder, if the file names another one).
    The package's encoder is searched with the package's language model, your own one greedily
    unless --beam, --lm or --nbest says otherwise.

    \b
    cswitch transcribe talk.flac --encoder-config nemo.toml
    """
    if greedy and not (beam is None and lm is None and nbest is None):
        raise InputError("--greedy does not search", remedy="Leave out --beam, --lm and --nbest")
    if encoder is not None and encoder_config is None:
        raise InputError(
            "an encoder needs a description", path=encoder, remedy="Give it with --encoder-config"
        )
    audio = tuple(Path(file) for pattern in audio for file in expand(pattern))
    _check(audio)
    if posteriors is not None:
        check_names(audio)
        posteriors.mkdir(parents=True, exist_ok=True)
    make = partial(
        _transcriber, encoder, encoder_config, greedy, beam, lm, lang, nbest, threads, posteriors
    )
    with atomic_write(output) as out:
        for line in run(make, progress(audio, "files"), jobs, engine):
            out.write(line + "\n")
            out.flush()


def _check(paths: tuple[Path, ...]) -> None:
    """Find out about a file that cannot be opened before hours of work, not after them."""
    from cswitch import audio
    from cswitch.transcribe import POSTERIORS

    for path in paths:
        if path.suffix not in POSTERIORS and address(path) is None:
            audio.info(path)


def _transcriber(
    encoder: Path | None,
    encoder_config: Path | None,
    greedy: bool,
    beam: int | None,
    lm: Path | None,
    lang: str,
    nbest: int | None,
    threads: int,
    posteriors: Path | None,
) -> Callable[[Path], str]:
    """A function from a file to its line, with everything loaded."""
    from cswitch.recognizer import Recognizer

    recognizer = Recognizer.load(encoder_config, encoder, threads)
    if lm is None and encoder_config is None:
        lm = _shipped_lm(lang)
    searched = not (beam is None and lm is None and nbest is None)
    decoder = _decoder(recognizer, beam, lm, lang) if searched and not greedy else None

    def transcribe_file(path: Path) -> str:
        with local(path) as here:
            transcript = _transcribe(here, recognizer, decoder, nbest or 1, posteriors)
        transcript = replace(transcript, audio_filepath=address(path) or str(path))
        return json.dumps(transcript.as_json(nbest=nbest is not None), ensure_ascii=False)

    return transcribe_file


def _shipped_lm(lang: str) -> Path | None:
    """The language model of a pair that comes with the package, if there is one."""
    from cswitch import languages, resources

    name = languages.resolve(lang).name
    path = resources.folder("lm") / name / f"{name}.arpa.gz"
    return path if path.is_file() else None


def _decoder(recognizer: Recognizer, beam: int | None, lm: Path | None, lang: str) -> Decoder:
    """A beam search with the weights of `cswitch decode`; that command can tune them."""
    from cswitch.decode import Decoder, Options

    options = Options() if beam is None else Options(beam=beam)
    if lm is None:
        return Decoder(recognizer.labels, options=options, lid_classes=recognizer.lid_classes)
    from cswitch.canonical import canonicalizer
    from cswitch.lm.kenlm import KenLM

    model, canonical = KenLM(lm), canonicalizer(lang)
    return Decoder(
        recognizer.labels, model, canonical, options=options, lid_classes=recognizer.lid_classes
    )


def _transcribe(
    path: Path,
    recognizer: Recognizer,
    decoder: Decoder | None,
    nbest: int,
    posteriors: Path | None,
) -> Transcript:
    from cswitch.transcribe import POSTERIORS, transcribe, transcribe_posteriors

    if path.suffix in POSTERIORS:
        return transcribe_posteriors(
            path,
            recognizer.labels,
            decoder,
            nbest,
            recognizer.frame_seconds,
            recognizer.lid_classes,
        )
    chunks: list[Chunk] | None = None if posteriors is None else []
    transcript = transcribe(path, recognizer, decoder, nbest, chunks)
    if posteriors is not None and chunks is not None:
        _save(posteriors / f"{path.stem}.npz", chunks, recognizer.labels, recognizer.frame_seconds)
    return transcript


def _save(path: Path, chunks: list[Chunk], labels: Labels, frame_seconds: float) -> None:
    import numpy as np

    ctc = np.concatenate([c.ctc for c in chunks]) if chunks else np.empty((0, len(labels)))
    arrays = {"posteriors": ctc.astype(np.float32), "frame_seconds": np.array(frame_seconds)}
    languages = [c.lid for c in chunks if c.lid is not None]
    if languages:
        arrays["lid"] = np.concatenate(languages).astype(np.float32)
    with atomic_path(path) as temporary, open(temporary, "wb") as out:
        np.savez(out, **arrays)  # type: ignore[arg-type]
