"""``cswitch transcribe``: audio to text."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cswitch.cli._jobs import engine_options, run
from cswitch.cli._lines import Progress, Results, some_broken, tell, write_lines
from cswitch.cli._options import lang_option, output_option
from cswitch.cli._recognition import check_names
from cswitch.errors import InputError
from cswitch.files import address, atomic_path, local, make_folder

if TYPE_CHECKING:
    from cswitch.recognition.decode import Decoder
    from cswitch.recognition.networks import Config
    from cswitch.recognition.posteriors import Labels
    from cswitch.recognition.recognizer import Chunk, Recognizer
    from cswitch.recognition.recordings import Recording
    from cswitch.recognition.transcribe import Transcript

# Hears of a recording how many seconds are done, and how many there are.
Heard = Callable[["Recording", float, float], None]

_DONE = "transcribed"


@click.command(name="transcribe")
@click.argument("audio", nargs=-1, required=True)
@click.option("--encoder", type=click.Path(path_type=Path), help="An ONNX encoder of your own.")
@click.option(
    "--encoder-config",
    type=click.Path(path_type=Path),
    help="The TOML file that describes it, or the folder that has it as model.toml.",
)
@click.option("--greedy", is_flag=True, help="The best label of each frame, no search.")
@click.option("--beam", type=click.IntRange(min=1), help="Search with this many hypotheses.")
@click.option(
    "--lm",
    type=click.Path(path_type=Path),
    help="ARPA or KenLM binary; the one of the package where its own encoder is used.",
)
@lang_option
@click.option("--nbest", type=click.IntRange(min=1), help="Write this many hypotheses.")
@click.option(
    "--threads",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Of each process.",
)
@click.option(
    "--posteriors",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write posteriors into this folder, for cswitch decode.",
)
@output_option
@engine_options
def command(
    audio: tuple[str, ...], output: str, jobs: int | None, engine: str, **given: Any
) -> None:
    """Transcribe AUDIO files, one JSON line each: text, words, times, confidences, languages.

    Files are WAV, FLAC, Ogg or MP3 of any sample rate and number of channels, or posteriors
    (.npy, .npz) of another recognizer. A folder stands for all audio in it, a NeMo manifest
    (.json, .jsonl) for the audio that it names; a line with an offset, for a part of it. The times
    of words begin with the file or its part.

    The model that comes with the package has never heard real speech. Describe your own in a file
    for --encoder-config, with paths relative to it:

    \b
    encoder = "model.onnx"    a CTC network; or name it with --encoder
    labels = "labels.txt"     what its columns are, one a line, tokens.txt or vocab.json
    features = "nemo"         or "waveform" (wav2vec2, MMS), "network-input" (cswitch train)
    frame_seconds = 0.08      how long a frame of its output is

    The package's encoder is searched with the package's language model, your own one greedily
    unless --beam, --lm or --nbest says otherwise.

    A file that cannot be read is named, and the others are transcribed all the same. While work on
    an output file is not finished, interrupted perhaps, its results are in OUTPUT.part, and the
    same command goes on from there.

    \b
    cswitch transcribe talk.flac --encoder-config nemo.toml
    cswitch transcribe recordings/ -o transcripts.jsonl
    """
    from cswitch.recognition import recordings

    options = Options(**given)
    options.check()
    found = list(recordings.find(audio))
    _check(found)
    if options.posteriors is not None:
        heard = [recording for recording in found if recording.is_audio]
        check_names([one.path.with_name(f"{one.stem}.npz") for one in heard])
        make_folder(options.posteriors)

    def results(left: Sequence[Recording], progress: Progress) -> Results:
        def heard(recording: Recording, seconds: float, duration: float) -> None:
            progress.show(f"{seconds:,.0f} of {duration:,.0f} s of {recording.name}")

        alone = engine == "local" and jobs in (None, 1)
        return run(partial(_Transcriber, options, heard if alone else None), left, jobs, engine)

    files = [(recording.key, recording) for recording in found]
    write_lines(output, files, options.settings, results, _DONE)


@dataclass(frozen=True, slots=True)
class Options:
    """How to transcribe, as it was asked for; workers load what it names for themselves."""

    encoder: Path | None
    encoder_config: Path | None
    greedy: bool
    beam: int | None
    lm: Path | None
    lang: str
    nbest: int | None
    threads: int
    posteriors: Path | None

    def check(self) -> None:
        """Refuse options that contradict each other."""
        from cswitch import languages

        languages.resolve(self.lang)
        if self.greedy and self.asks_for_search:
            raise InputError("--greedy does not search", remedy="Leave out --beam, --lm, --nbest")
        if self.encoder is not None and self.encoder_config is None:
            raise InputError(
                "an encoder needs a description",
                path=self.encoder,
                remedy="Give it with --encoder-config",
            )

    @property
    def asks_for_search(self) -> bool:
        return not (self.beam is None and self.lm is None and self.nbest is None)

    def config(self) -> Config:
        """The model, that of the package where no other is named."""
        from cswitch import languages
        from cswitch.recognition import networks

        shipped = partial(networks.shipped, languages.resolve(self.lang).name)
        return networks.read_config(self.encoder_config or shipped(), self.encoder)

    def language_model(self) -> Path | None:
        """The one that was named, or the package's beside its encoder."""
        from cswitch import languages, resources

        if self.lm is not None or self.greedy or self.encoder_config is not None:
            return self.lm
        name = languages.resolve(self.lang).name
        path = resources.folder("lm") / name / f"{name}.arpa.gz"
        return path if path.is_file() else None

    def decoder(self, recognizer: Recognizer) -> Decoder | None:
        """A beam search, if there is one, with the weights that `cswitch decode` begins with."""
        lm = self.language_model()
        if lm is None and not self.asks_for_search:
            return None
        from cswitch.recognition import decode

        search = decode.Options() if self.beam is None else decode.Options(beam=self.beam)
        build = partial(
            decode.Decoder, recognizer.labels, options=search, lid_classes=recognizer.lid_classes
        )
        if lm is None:
            return build()
        from cswitch.canonical import canonicalizer
        from cswitch.lm.kenlm import KenLM

        return build(KenLM(lm), canonicalizer(self.lang))

    def settings(self) -> dict[str, Any]:
        """What the results depend on: these options, and the files of the models as they are."""
        from cswitch.scale.unfinished import states

        config, lm = self.config(), self.language_model()
        language = None if config.language is None else config.language.network
        return {
            **{name: value for name, value in asdict(self).items() if not isinstance(value, Path)},
            "threads": None,
            "posteriors": str(self.posteriors),
            "models": states([config.path, config.encoder, config.labels, language, lm]),
        }


def _check(recordings: Sequence[Recording]) -> None:
    """Find out about files that cannot be opened before hours of work, not after them."""
    from cswitch.recognition import audio

    length = cache(lambda path: audio.info(path).duration)
    errors = []
    for recording in recordings:
        try:
            if recording.is_audio and address(recording.path) is None:
                recording.part.check(length(recording.path), recording.path)
        except InputError as error:
            errors.append(recording.error(error))
    if not recordings:
        raise InputError(
            "there is nothing to transcribe", remedy="Name files, or a manifest of them"
        )
    if len(errors) > 1:
        for problem in errors:
            tell(problem)
        raise some_broken(len(errors), len(recordings), _DONE)
    if errors:
        raise errors[0]


class _Transcriber:
    """A function from a recording to its line, or to what is wrong with it."""

    def __init__(self, options: Options, heard: Heard | None = None) -> None:
        from cswitch.recognition.recognizer import Recognizer

        self._options = options
        self._heard = heard
        self._recognizer = Recognizer(options.config(), options.threads)
        self._decoder = options.decoder(self._recognizer)

    def __call__(self, recording: Recording) -> str | InputError:
        here = recording.path
        try:
            with local(recording.path) as here:
                transcript = self._transcript(recording, here)
        except InputError as error:
            return recording.error(error) if error.path == str(here) else error
        named = replace(transcript, audio_filepath=recording.name, offset=recording.offset)
        listed = self._options.nbest is not None
        return json.dumps(named.as_json(nbest=listed), ensure_ascii=False)

    def _transcript(self, recording: Recording, here: Path) -> Transcript:
        from cswitch.recognition import audio
        from cswitch.recognition.transcribe import transcribe, transcribe_posteriors

        recognizer, folder, lang = self._recognizer, self._options.posteriors, self._options.lang
        nbest = self._options.nbest or 1
        if not recording.is_audio:
            return transcribe_posteriors(
                here,
                recognizer.labels,
                self._decoder,
                nbest,
                recognizer.frame_seconds,
                recognizer.lid_classes,
                lang,
            )
        part = recording.part
        chunks: list[Chunk] | None = None if folder is None else []
        duration = part.within(audio.info(here).duration)

        def heard(seconds: float) -> None:
            if self._heard is not None:
                self._heard(recording, seconds, duration)

        transcript = transcribe(
            here, recognizer, self._decoder, nbest, chunks, heard, part=part, lang=lang
        )
        if folder is not None and chunks is not None:
            path = folder / f"{recording.stem}.npz"
            _save(path, chunks, recognizer.labels, recognizer.frame_seconds)
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
