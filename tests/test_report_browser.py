"""The HTML report in a real browser: filters, search, links, evidence, nothing from the network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from factory import REFERENCES, score, three_systems, utterance

from cswitch import tokens
from cswitch.analysis import Score, Tally
from cswitch.report import html

selenium = pytest.importorskip("selenium")
from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

pytestmark = [
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")), reason="needs Chromium"
    ),
    # Selenium leaves the pipe to its driver to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1300,1000",
)
URDU = "میں discovery دیکھتا ہوں"


@pytest.fixture(scope="module")
def driver(tmp_path_factory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    html.write(three_systems(), folder / "three.html")
    many = tuple(
        utterance(f"talk/{number} ü", REFERENCES[number % 5], REFERENCES[(number * 7) % 5])
        for number in range(1, 301)
    )
    html.write(
        [Score("many", "hi_en", "v", many, sum((each.tally for each in many), Tally()))],
        folder / "many.html",
    )
    html.write([score("urdu", [URDU], ["میں ڈسکوری دیکھتا ہوں"])], folder / "urdu.html")
    return folder


class Page:
    """A report, driven as a reader would."""

    def __init__(self, driver: webdriver.Chrome, path: Path, fragment: str = "") -> None:
        self.driver = driver
        driver.get("about:blank")
        driver.get(path.as_uri() + fragment)

    def run(self, script: str, *arguments):
        return self.driver.execute_script(script, *arguments)

    def choose(self, control: str, value: str) -> None:
        self.run(
            "const c = document.getElementById(arguments[0]);"
            "const o = [...c.options].find(o => o.value === arguments[1]"
            " || o.textContent === arguments[1]);"
            "c.value = o.value; c.dispatchEvent(new Event('change', {bubbles: true}));",
            control,
            value,
        )

    def tick(self, selector: str) -> None:
        self.run("document.querySelector(arguments[0]).click()", selector)

    def search(self, text: str) -> None:
        field = self.driver.find_element("id", "query")
        field.clear()
        field.send_keys(text)
        self.wait("document.activeElement.id === 'query'")
        self.driver.execute_async_script("setTimeout(arguments[0], 250)")

    def wait(self, condition: str) -> None:
        assert self.run(f"return {condition}")

    @property
    def ids(self) -> list[str]:
        return self.run(
            "return [...document.querySelectorAll('.utterance .about a')].map(a => a.textContent)"
        )

    @property
    def shown(self) -> str:
        return self.driver.find_element("id", "shown").text


@pytest.fixture
def page(driver, reports) -> Page:
    return Page(driver, reports / "three.html")


def test_every_utterance_is_shown_with_its_words(page):
    assert page.shown == "6 of 6"
    assert page.ids == [f"utt-{number}" for number in range(1, 7)]
    first = page.run("return document.querySelector('.utterance .words').innerText")
    for word in ("fancy", "साड़ी", "दिखाइए", "Fancy", "Sadi", "गाड़ी", "≈", "×"):
        assert word in first


@pytest.mark.parametrize(
    ("control", "value", "expected"),
    [
        ("verdict", "correct", []),
        ("verdict", "modeling", [1, 2, 3, 4, 5, 6]),
        ("verdict", "rendering", [1, 2, 3, 4, 5]),
        ("verdict", "only", [1, 2, 3, 4, 5]),
        ("kind", "acronym", [4]),
        ("kind", "number", [3]),
        ("kind", "deletion", [3, 5]),
        ("language", "en-Latn", [1, 2, 3, 4]),
        ("group", "asha", [1, 3, 5]),
        ("sort", "corrected", [4, 1, 2, 3, 5, 6]),
        ("sort", "forgiven", [3, 1, 4, 2, 5, 6]),
    ],
)
def test_each_control_shows_the_utterances_it_says(page, control, value, expected):
    page.choose(control, value)
    assert page.ids == [f"utt-{number}" for number in expected]
    assert page.shown == f"{len(expected)} of 6"


def test_an_edit_at_a_switch_point_is_found(page):
    page.choose("kind", "substitution")
    page.choose("language", "hi-Deva")
    assert page.ids == [f"utt-{number}" for number in (1, 2, 4)]
    page.tick("#switch")
    assert page.ids == [f"utt-{number}" for number in (1, 2, 4)]
    page.choose("kind", "orthography")
    assert page.ids == []
    page.tick("#switch")
    assert page.ids == ["utt-5"]


def test_systems_can_be_left_out_and_filters_mean_those_shown(page):
    page.choose("verdict", "modeling")
    page.tick("#systems input[value='1']")
    page.tick("#systems input[value='2']")
    assert page.ids == []
    page.choose("verdict", "rendering")
    assert page.ids == [f"utt-{number}" for number in range(1, 6)]
    page.wait("document.querySelectorAll('.utterance .labels span').length === 10")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("साड़ी", [1]), ("साड़ी", [1]), ("DISCOVERY", [2]), ("मेसेज", [4]), ("utt-6", [6]), ("xyz", [])],
)
def test_search_in_any_script_and_either_composition(page, text, expected):
    page.search(text)
    assert page.ids == [f"utt-{number}" for number in expected]
    if expected and text != "utt-6":
        page.wait("document.querySelectorAll('#list mark').length > 0")


def test_reset_shows_everything_again(page):
    page.search("साड़ी")
    page.choose("kind", "script")
    page.tick("#reset")
    assert page.shown == "6 of 6"


def test_a_top_substitution_leads_to_its_utterances(page):
    page.tick("button.find[data-kind='acronym']")
    assert page.ids == ["utt-4"]


def test_evidence_shows_on_hover_and_on_keyboard_focus(page):
    edit = "[...document.querySelectorAll('.e.rendering[tabindex]')][1]"
    page.run(f"{edit}.dispatchEvent(new MouseEvent('mouseover', {{bubbles: true}}))")
    tip = page.driver.find_element("id", "tip")
    assert tip.text.splitlines() == [
        "साड़ी → Sadi",
        "rendering · script · p(same word) 0.93 · 1 raw error forgiven",
        "साड़ी = Sadi <toy & lexicon>",
    ]
    page.run(f"{edit}.dispatchEvent(new MouseEvent('mouseout', {{bubbles: true}}))")
    assert not tip.is_displayed()
    page.run(f"{edit}.focus()")
    assert tip.is_displayed()
    page.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not tip.is_displayed()
    label = page.run(f"return {edit}.getAttribute('aria-label')")
    assert label.startswith("rendering, script: साड़ी became Sadi.")


def test_edits_differ_by_more_than_colour(page):
    marks = page.run(
        "return [...document.querySelectorAll('#list .e')]"
        ".map(e => [e.classList[1], e.querySelector('i').textContent])"
    )
    assert {tuple(mark) for mark in marks} == {
        ("rendering", "≈"),
        ("substitution", "×"),
        ("deletion", "−"),
        ("insertion", "+"),
    }


def test_a_deep_link_opens_the_page_of_its_utterance(driver, reports):
    page = Page(driver, reports / "many.html", "#utt-talk%2F234%20%C3%BC")
    assert "talk/234 ü" in page.ids and len(page.ids) == 50
    assert page.run("return document.querySelector('.target').id") == "utt-talk/234 ü"
    top = page.run("return document.querySelector('.target').getBoundingClientRect().top")
    assert 0 <= top < 1000
    page.search("SMS")
    page.run("location.hash = '#utt-' + encodeURIComponent('talk/2 ü')")
    driver.execute_async_script("setTimeout(arguments[0], 300)")
    assert page.run("return document.querySelector('.target').id") == "utt-talk/2 ü"


def test_pages_are_turned(driver, reports):
    page = Page(driver, reports / "many.html")
    assert page.shown == "300 of 300" and page.ids[0] == "talk/1 ü"
    page.tick(".pages button[aria-label='Next page']")
    assert page.ids[0] == "talk/51 ü"
    page.tick(".pages button[aria-label='Last page']")
    assert page.ids[-1] == "talk/300 ü"


def test_the_words_of_the_page_are_the_scorer_s(driver, reports):
    texts = ["a  b", " a\u00a0b ", "a\u00a0\u00a0b", "x\u2009 y", "a\tb", "\ufeffa b", ""]
    texts += ["a\x1cb c", "क\u200dख ग", "a\x85b \x85 c", "\u2028a"]
    page = Page(driver, reports / "three.html")
    source = (Path(html.__file__).parent / "page" / "report.js").read_text("utf-8")
    split = source[source.index("const SPACE") : source.index("const RTL")]
    split += "return JSON.stringify(arguments[0].map((text) => text.match(TOKEN) || []));"
    assert json.loads(page.run(split, texts)) == [tokens.split(text) for text in texts]


def test_urdu_runs_from_right_to_left(driver, reports):
    page = Page(driver, reports / "urdu.html")
    assert page.run("return document.querySelector('.words').dir") == "rtl"
    left, right = page.run(
        "return [...document.querySelectorAll('.block:not(.labels)')]"
        ".map(b => b.getBoundingClientRect().left).slice(0, 2)"
    )
    assert left > right


def test_the_page_goes_dark_and_light_again(page):
    colour = "return getComputedStyle(document.body).backgroundColor"
    before = page.run(colour)
    page.tick("#theme")
    assert page.run(colour) != before
    page.tick("#theme")
    assert page.run(colour) == before


def test_print_leaves_out_the_controls(page):
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        page.wait("getComputedStyle(document.getElementById('filters')).display === 'none'")
        page.wait("getComputedStyle(document.getElementById('list')).display === 'block'")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_nothing_is_fetched_and_nothing_complains(driver, reports):
    driver.get_log("browser"), driver.get_log("performance")
    for name in ("three", "many", "urdu"):
        Page(driver, reports / f"{name}.html")
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    fetched = {
        message["params"]["request"]["url"].partition(":")[0]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }
    assert fetched <= {"file", "data", "about"}
    assert driver.get_log("browser") == []
