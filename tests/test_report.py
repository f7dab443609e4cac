"""What the reports say; what the HTML page does is tested in test_report_browser.py."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from factory import SIGNATURE, score, three_systems

from cswitch import report, results
from cswitch.cli import cli, main
from cswitch.errors import InputError
from cswitch.report import html, summary, terminal

GOLDEN = Path(__file__).parent / "golden" / "report"


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    html.write(three_systems(), path)
    return path.read_text("utf-8")


class _Outline(HTMLParser):
    """The elements, their attributes and the text outside of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._silent = False

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag):
        self._silent = False

    def handle_data(self, data):
        if not self._silent:
            self.text += f" {data}"


def outline(page: str) -> _Outline:
    parser = _Outline()
    parser.feed(page)
    return parser


def test_the_page_needs_nothing_from_elsewhere(page):
    links = [
        value
        for _, attributes in outline(page).tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action", "data")
    ]
    assert links == ["data:,"]
    assert not re.search(r"https?://|@import|url\(", page)


def test_the_text_of_the_page_is_as_recorded(page):
    text = "".join(f"{line}\n" for line in map(str.strip, outline(page).text.split("\n")) if line)
    assert text == (GOLDEN / "page.txt").read_text("utf-8")


def test_the_page_shows_rates_ranking_breakdowns_and_signature(page):
    text = re.sub(r"\s+", " ", outline(page).text)
    for piece in (
        "hi_en · 6 utterances · 20 reference words · 3 systems",
        "Would the ranking change if rendering were forgiven? Yes: by raw WER words < both < "
        "rendering, by corrected WER rendering < both < words.",
        "55.00 → 25.00",
        "within one word of a switch",
        "speaker",
        "साड़ी",
        SIGNATURE,
    ):
        assert piece in text


def test_the_picture_adds_up(page):
    widths = [
        [float(width) for width in re.findall(r'<rect class="[^"]*"[^>]*width="([0-9.]+)"', svg)]
        for svg in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    ]
    assert len(widths) == 3
    rates = [0.60, 0.35, 0.55]
    assert [sum(row) / sum(widths[0]) for row in widths] == pytest.approx(
        [rate / rates[0] for rate in rates], abs=1e-4
    )


def test_markup_in_a_transcript_stays_text(tmp_path):
    nasty = "</script><script>alert(1)</script> <b>&amp; \u2028"
    path = tmp_path / "report.html"
    html.write([score("<i>sys</i>", [nasty], ["<img src=x> ok"])], path)
    text = path.read_text("utf-8")
    assert "<script>alert" not in text and "<img" not in text and "<i>sys" not in text
    data = re.search(r'<script type="application/json" id="utterances">(.*?)</script>', text, re.S)
    assert json.loads(data[1])[0][1] == nasty


def test_a_result_without_utterances_gives_a_report_without_the_browser(tmp_path):
    results.write(three_systems(), tmp_path / "short.json")
    html.write(results.read(tmp_path / "short.json"), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "60.00" in text and SIGNATURE in text
    assert 'id="browser"' not in text and "bootstrap" not in text.partition("</style>")[2]


def shown(path: Path) -> str:
    return re.sub(r"\s+", " ", outline(path.read_text("utf-8")).text)


def test_one_system_without_any_error_has_rates_of_nought_and_no_ranking(tmp_path):
    path = tmp_path / "report.html"
    html.write([score("perfect", ["एक दो", ""], ["एक दो", ""])], path)
    assert "perfect 0.00 0.00–0.00 0.00 0.00–0.00 0 % of 0 errors" in shown(path)
    assert "Would the ranking" not in shown(path)


def test_without_a_reference_word_each_error_is_a_hundred_percent(tmp_path):
    path = tmp_path / "report.html"
    html.write([score("noise", ["", ""], ["हाँ", ""])], path)
    assert "0 reference words" in shown(path)
    assert "noise 100.00 100.00 0 % of 1 errors" in shown(path)


def test_the_summary_says_when_the_ranking_stays():
    scores = [score("a", ["x y"], ["x y"]), score("b", ["x y"], ["x z"])]
    line = str(summary.summarize(scores).ranking)
    assert line.endswith("if rendering were forgiven? No: a < b by raw and by corrected WER.")
    scores = [score("a", ["साड़ी"], ["Sadi"]), score("b", ["साड़ी"], ["x"])]
    line = str(summary.summarize(scores).ranking)
    assert line.endswith("Yes: by raw WER a = b, by corrected WER a < b.")


@pytest.mark.parametrize("name", ["print_scores", "print_utterances"])
def test_terminal_views_are_as_recorded(name):
    out = io.StringIO()
    getattr(terminal, name)(three_systems(), out)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    expected = (GOLDEN / f"{name}.txt").read_text("utf-8").splitlines()
    assert lines == expected


def test_systems_on_different_references_are_not_compared(tmp_path):
    scores = [score("a", ["x"], ["x"]), score("b", ["y"], ["y"])]
    with pytest.raises(InputError, match="a and b were scored on different references"):
        html.write(scores, tmp_path / "report.html")
    with pytest.raises(InputError, match="there is no system"):
        html.write([], tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_names_with_brackets_are_not_markup():
    out = io.StringIO()
    terminal.print_scores([score("[bold]sys[/]", ["a"], ["b"])], out)
    assert "[bold]sys[/]" in out.getvalue()


@pytest.mark.parametrize(
    ("medium", "name"), [("markdown", "tables.md"), ("latex", "table.tex"), ("edits", "edits.csv")]
)
def test_files_are_as_recorded(tmp_path, medium, name):
    report.write(three_systems(), tmp_path / name, medium)
    assert (tmp_path / name).read_text("utf-8") == (GOLDEN / name).read_text("utf-8")


def test_an_unknown_medium_is_refused(tmp_path):
    with pytest.raises(InputError, match="unknown medium 'pdf'. Known are: html, markdown"):
        report.write(three_systems(), tmp_path / "report.pdf", "pdf")


@pytest.mark.parametrize(("medium", "escaped"), [("markdown", r"a\_b\|c"), ("latex", r"a\_b|c")])
def test_names_are_escaped(tmp_path, medium, escaped):
    report.write([score("a_b|c", ["x"], ["y"])], tmp_path / "out", medium)
    assert escaped in (tmp_path / "out").read_text("utf-8")


@pytest.fixture
def saved(tmp_path):
    results.write(three_systems(), tmp_path / "long.json", utterances=True)
    results.write(three_systems(), tmp_path / "short.json")
    return tmp_path


def test_the_command_prints_tables(saved):
    done = CliRunner().invoke(cli, ["report", str(saved / "short.json")])
    assert done.exit_code == 0 and "Forgiven, in points of WER" in done.output
    done = CliRunner().invoke(cli, ["report", str(saved / "long.json"), "--edits"])
    assert "साड़ी → Sadi" in done.output and "Forgiven, in points" in done.output


def test_the_command_writes_every_medium(saved):
    paths = {name: saved / f"out.{name}" for name in ("html", "markdown", "latex", "csv")}
    options = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
    done = CliRunner().invoke(cli, ["report", str(saved / "long.json"), *options])
    assert (done.exit_code, done.output) == (0, "")
    assert all(path.stat().st_size for path in paths.values())
    done = CliRunner().invoke(cli, ["report", str(saved / "long.json"), "--csv", "-"])
    assert done.output.splitlines()[0].startswith("system,utterance,operation")


def test_one_report_at_most_goes_to_standard_output(saved, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["report", str(saved / "long.json"), "--markdown", "-", "--latex", "-"])
    assert stopped.value.code == 2
    assert "several reports go to standard output" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_not_rich_s_to_handle():
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        terminal.print_scores(three_systems(), Gone())


def test_the_command_refuses_edits_that_were_not_saved(saved, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["report", str(saved / "short.json"), "--csv", "-"])
    assert stopped.value.code == 2
    assert "short.json: no utterances were saved. Save them" in capsys.readouterr().err


def test_the_command_compares_systems_of_several_files(tmp_path):
    paths = []
    for one in three_systems()[:2]:
        paths.append(str(tmp_path / f"{one.name}.json"))
        results.write([one], paths[-1], utterances=True)
    done = CliRunner().invoke(cli, ["report", *paths])
    assert "by raw WER words < rendering, by corrected WER rendering < words" in done.output
