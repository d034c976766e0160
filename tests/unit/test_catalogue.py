import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from prompts.catalogue import Catalogue, CatalogueError, languages, load
from prompts.content import PAIRS, STATES
from prompts.templates import about, clock
from tests.telegram_html import problems, visible

PROMPTS = Path(__file__).parents[2] / "prompts"
COMMANDS = ("start", "checkin", "picture", "privacy")
RUDE = "<script>alert('Kim & Noor')</script>"

BROKEN = [
    ("statements.yaml", "  I07:", "  I77:", "statements has no I07"),
    ("statements.yaml", '  Y10: "', '  Y11: "x"\n  Y10: "', "statements has the key Y11"),
    ("statements.yaml", '  I02: "', '  I01: "x"\n  I02: "', "the key 'I01' stands twice"),
    ("statements.yaml", '  - "Half true"\n', "", "answers has 4 entries"),
    ("statements.yaml", '"I drifted along and let others shape my days."', '" "', "I04 in statements is not a text"),
    ("statements.yaml", '"yes": "Yes"', 'yes: "Yes"', "the key True in labels in odd_week is not text"),
    ("statements.yaml", '    room: "More room for me"\n', "", "labels in wish has no room"),
    ("statements.yaml", "answers:", "answers: [", "is not valid YAML"),
    ("starters/neutral.yaml", 'id: "s-neutral-2"', 'id: "s-neutral-1"', "the id s-neutral-1 stands twice"),
    ("starters/own.yaml", 'id: "s-own-1"', 'id: "s-neutral-1"', "the id s-neutral-1 stands twice"),
    (
        "starters/adrift-isolated.yaml",
        '"Adrift+Isolated"',
        '"Isolated+Adrift"',
        "the pair Isolated+Adrift of s-adrift-is",
    ),
    ("starters/neutral.yaml", 'pair: "neutral"', 'pair: "own"', "the pair own of s-neutral-1 does not belong here"),
    ("starters/own.yaml", 'pair: "own"', 'pair: "own:Lost"', "the pair own:Lost of s-own-1 does not belong here"),
    ("starters/own.yaml", 'depth: "light"', 'depth: "abyss"', "the depth abyss of s-own-1"),
    ("starters/own.yaml", "    depth: ", "    dept: ", "a starter has no depth"),
    ("starters/adrift-adrift.yaml", "starters:", "starters: {}\nrest:", "the file has the key rest"),
    ("starters/own.yaml", 'theme: "own_aims"', 'theme: "fate"', "the theme fate of s-own-1 does not exist"),
    ("thoughts.yaml", 'theme: "both"', 'theme: "fate"', "the theme fate of t-2 does not exist"),
    ("thoughts.yaml", 'id: "t-2"', 'id: "t-1"', "the id t-1 stands twice"),
    ("thoughts.yaml", "thoughts:\n", "thoughts:\n  x:\n", "thoughts is not a list"),
    ("help_lines.yaml", "checked: 2026-11-22", 'checked: "lately"', "checked is not a date"),
    ("help_lines.yaml", 'phone: "3919", text: "114 (emergency by SMS)"', "", "has no phone, text or web"),
    ("help_lines.yaml", 'country: "ES"', 'country: "XX"', "the country XX of 016 has no name"),
    ("help_lines.yaml", 'phone: "181"', "phone: 181", "phone in a help line is not a text"),
    ("labels.yaml", '"Your questions"', '"Hello {name"', "the braces of command.checkin do not match"),
    ("labels.yaml", '"Your questions"', '"Hello {name.x}"', "a placeholder of command.checkin is not a plain name"),
    ("labels.yaml", '"Your questions"', '"Hello {}"', "a placeholder of command.checkin is not a plain name"),
    ("screens/typed.html.j2", "This chat", "{% if %}This chat", "line 1 cannot be compiled"),
    ("screens/typed.html.j2", "This chat", "{{ x|nothing }}", "No filter named 'nothing'"),
    ("screens/typed.html.j2", "This chat", "{% include '_no.html.j2' %}", "the template _no.html.j2 does not exist"),
    ("screens/typed.html.j2", "This chat", "\n{{ label('no.such') }}", "line 2 names the label no.such"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the English words that a test may break."""
    shutil.copytree(PROMPTS / "en", tmp_path / "en")
    return tmp_path


@pytest.fixture(scope="module")
def english() -> Catalogue:
    """The English words as they come with the bot."""
    return load("en")


def screen(root: Path, source: str) -> Catalogue:
    """The English words with one more screen, called probe."""
    (root / "en/screens/probe.html.j2").write_text(source, encoding="utf-8")
    return load("en", root=root)


def only_label(root: Path, hello: str) -> None:
    """Leave one label, and one screen that names none."""
    (root / "en/labels.yaml").write_text(f'hello: "{hello}"\n', encoding="utf-8")
    for path in (root / "en/screens").glob("*.j2"):
        path.unlink()
    (root / "en/screens/plain.html.j2").write_text("Hello\n", encoding="utf-8")


def test_every_language_loads() -> None:
    """Every folder of words that comes with the bot is whole."""
    assert "en" in languages()
    assert [load(language).language for language in languages()] == list(languages())


@pytest.mark.parametrize(("file", "old", "new", "what"), BROKEN)
def test_one_sentence_says_what_is_wrong(root: Path, file: str, old: str, new: str, what: str) -> None:
    """Loading fails with one sentence that names the file, what is wrong and the fix."""
    path = root / "en" / file
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load("en", root=root)
    sentence = str(caught.value)
    assert re.fullmatch(rf"prompts/en/{re.escape(file)}: [^\n]+; [^\n]+\.", sentence)
    assert what in sentence


@pytest.mark.parametrize(
    "file",
    [
        "statements.yaml",
        "starters/adrift-adrift.yaml",
        "starters/own.yaml",
        "thoughts.yaml",
        "help_lines.yaml",
        "labels.yaml",
    ],
)
def test_a_file_that_cannot_be_read_is_named(root: Path, file: str) -> None:
    """A missing file, one that is not UTF-8 and one without keys each stop the start with its name."""
    path = root / "en" / file
    for content, what in ((b"\xff", "is not UTF-8"), (b"", "has no keys"), (b"\x01", "is not valid YAML")):
        path.write_bytes(content)
        with pytest.raises(CatalogueError, match=f"^prompts/en/{file}: the file {what}"):
            load("en", root=root)
    path.unlink()
    with pytest.raises(CatalogueError, match=f"^prompts/en/{file}: the file cannot be read; "):
        load("en", root=root)


def test_a_language_without_screens_is_refused(root: Path) -> None:
    """A language without templates, or without their folder, stops the start."""
    for path in (root / "en/screens").iterdir():
        path.unlink()
    with pytest.raises(CatalogueError, match=r"^prompts/en/screens: there are no templates; "):
        load("en", root=root)
    (root / "en/screens").rmdir()
    with pytest.raises(CatalogueError, match=r"^prompts/en/screens: there is no such folder; "):
        load("en", root=root)


def test_every_file_of_starters_holds_one_of_its_own(root: Path) -> None:
    """A missing folder, a file by another name and one with no starter for its pair each stop the start."""
    folder = root / "en/starters"
    own = folder / "own.yaml"
    own.write_text(own.read_text(encoding="utf-8").replace('"own"', '"own:Adrift"'), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"^prompts/en/starters/own.yaml: there is no starter for own; "):
        load("en", root=root)
    (folder / "isolated-adrift.yaml").write_text("", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"^prompts/en/starters: the file isolated-adrift.yaml is of no pair; "):
        load("en", root=root)
    shutil.rmtree(folder)
    with pytest.raises(CatalogueError, match=r"^prompts/en/starters/adrift-adrift.yaml: the file cannot be read; "):
        load("en", root=root)


def test_a_computed_include_is_refused(root: Path) -> None:
    """A template names the templates it takes in, so that all of them are known at the start."""
    with pytest.raises(CatalogueError, match="the template that it computes does not exist"):
        screen(root, "{% include name %}")


def test_a_name_is_escaped(root: Path) -> None:
    """A name such as <script> stands in a screen as text, also when a label carries it."""
    only_label(root, "Hello {name}")
    words = screen(root, "<b>{{ name }}</b>{{ label('hello', name=name) }}")
    html = words.render("probe", name=RUDE)
    assert "<script>" not in html
    assert visible(html) == f"{RUDE}Hello {RUDE}"
    assert problems(html) == []


def test_a_label_is_plain_text(root: Path) -> None:
    """A label on a button is not escaped, for Telegram shows buttons as they are."""
    only_label(root, "Hello {name}")
    words = load("en", root=root)
    assert words.label("hello", name="Kim & Noor") == "Hello Kim & Noor"


def test_labels_that_are_unknown_or_half_filled_say_so(root: Path) -> None:
    """A key that does not exist and a placeholder that nobody gives each get one sentence."""
    path = root / "en/labels.yaml"
    path.write_text(path.read_text(encoding="utf-8") + 'hello: "Hello {name}"\n', encoding="utf-8")
    words = load("en", root=root)
    with pytest.raises(CatalogueError, match="there is no label bye; add it"):
        words.label("bye")
    with pytest.raises(CatalogueError, match="nobody gives 'name' to the label hello"):
        words.label("hello")


def test_an_unknown_screen_says_so(english: Catalogue) -> None:
    """A screen that does not exist gets one sentence with the file to add."""
    with pytest.raises(CatalogueError, match=r"prompts/en/screens/nowhere\.html\.j2: there is no such screen"):
        english.render("nowhere")


def test_a_value_that_was_not_given_is_an_error(root: Path) -> None:
    """No screen is ever sent with a hole in it."""
    words = screen(root, "Hello {{ name }}")
    with pytest.raises(UndefinedError):
        words.render("probe")


def test_template_lines_leave_no_gaps(root: Path) -> None:
    """Lines that hold only template code leave no line in the text, and nothing stands around it."""
    words = screen(root, "\n\n  {% if yes %}\nOne\n  {% endif %}\nTwo\n\n")
    assert words.render("probe", yes=True) == "One\nTwo"


def test_a_partial_is_no_screen(root: Path) -> None:
    """A template whose name begins with an underscore serves others and cannot be shown by itself."""
    (root / "en/screens/_name.html.j2").write_text("<i>{{ name }}</i>", encoding="utf-8")
    words = screen(root, "{% include '_name.html.j2' %}")
    assert words.render("probe", name="Kim") == "<i>Kim</i>"
    assert "_name" not in words.screens


def test_filters_say_sizes_and_hours(root: Path) -> None:
    """Sizes are said as whole numbers, halves upwards, and minutes of the day as a clock shows them."""
    assert [about(number) for number in (0, 0.49, 0.5, 59.5, 60.4, 100)] == ["0", "0", "1", "60", "60", "100"]
    assert [clock(minute) for minute in (0, 485, 1140, 1439)] == ["00:00", "08:05", "19:00", "23:59"]
    assert screen(root, "{{ 59.5|about }} {{ 1140|clock }}").render("probe") == "60 19:00"


def test_nobody_runs_out_of_starters_in_a_year(english: Catalogue) -> None:
    """Each pair has 24; one person 52 for anybody and 5 a state; neutral ones last a year beside those of the weeks without."""
    counts = Counter(starter.pair for starter in english.starters)
    assert {pair: counts[pair] for pair in PAIRS if counts[pair] < 24} == {}
    assert {state: counts[f"own:{state}"] for state in STATES if counts[f"own:{state}"] < 5} == {}
    assert counts["own"] >= 52
    assert counts["neutral"] >= 52 + 2 * 52


def test_there_is_a_thought_for_each_week_of_a_year(english: Catalogue) -> None:
    """Nobody reads a thought twice in a year of weekly check-ins."""
    assert len(english.thoughts) >= 52


def test_what_is_asked_stands_in_the_order_of_the_item_bank(english: Catalogue) -> None:
    """Statements keep the order of the item bank, and answers rise from not true to very true."""
    assert list(english.statements)[:2] == ["I01", "I02"]
    assert list(english.statements)[-1] == "Y10"
    assert english.answers == ("Not true", "A little true", "Half true", "Mostly true", "Very true")
    assert list(english.wish.labels) == ["room", "closeness", "both", "fine", "quiet"]
    assert list(english.odd_week.labels) == ["yes", "no", "quiet"]


def test_the_words_cannot_be_changed(english: Catalogue) -> None:
    """What was loaded and checked stays as it is."""
    with pytest.raises(TypeError):
        english.statements["I01"] = "something else"  # type: ignore[index]


@pytest.mark.parametrize("country", ["", "GB", "CA", "FR", "XX"])
def test_the_help_card_fits_and_is_the_same_for_all(english: Catalogue, country: str) -> None:
    """Whatever country comes first, each line stands once and Telegram takes the card."""
    html = english.render("safety", help=english.help_lines, country=country)
    assert problems(html) == []
    assert all(visible(html).count(line.name) >= 1 for line in english.help_lines.lines)
    assert visible(html).count("Samaritans") == 1
    name = english.help_lines.countries.get(country)
    assert name is None or html.index(name) < html.index("<blockquote expandable>")


@pytest.mark.parametrize("operator", ["", RUDE])
def test_the_privacy_screen_names_who_could_read(english: Catalogue, operator: str) -> None:
    """The operator is named where one was told, and the sentence is whole where none was."""
    html = english.render("privacy", operator=operator, retention_days=60)
    assert problems(html) == []
    assert (operator or "the person who runs this bot") in visible(html)
    assert "60 days" in html


def test_the_help_lists_the_commands_it_is_given(english: Catalogue) -> None:
    """Help names each command with what it does, and stands well without any."""
    html = english.render("help", commands=COMMANDS)
    assert problems(html) == []
    assert all(f"/{command} · {english.label(f'command.{command}')}" in visible(html) for command in COMMANDS)
    assert "Commands" not in english.render("help", commands=())


@pytest.mark.parametrize("name", [*(f"about_{number}" for number in range(1, 6)), "typed", "group", "stranger"])
def test_constant_screens_need_no_values(english: Catalogue, name: str) -> None:
    """Screens that are the same for everybody take no values, and Telegram takes them."""
    assert problems(english.render(name)) == []


@pytest.mark.parametrize("language", languages())
def test_templates_use_only_tags_that_telegram_knows(language: str) -> None:
    """No branch of any template holds a tag that Telegram would refuse."""
    for path in sorted((PROMPTS / language / "screens").glob("*.html.j2")):
        source = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert [line for line in problems(source + ".") if "is not a tag" in line or "attribute" in line] == [], path


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ("<p>Hello</p>", "<p> is not a tag"),
        ("<b>Hello", "<b> is never closed"),
        ("Hello</b>", "</b> closes nothing"),
        ("<b><i>Hello</b></i>", "</b> closes nothing"),
        ("Kim & Noor", "an & is not escaped"),
        ("Kim &hearts; Noor", "an & is not escaped"),
        ("2 < 3", "a < or > is not escaped"),
        ("3 > 2", "a < or > is not escaped"),
        ('<b class="x">Hello</b>', "carries the attribute class"),
        ("<a>Hello</a>", "<a> has no href"),
        ('<a href="javascript:x">Hello</a>', "which is no address"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "stands inside another"),
        ("<code><b>x</b></code>", "<b> stands inside <code>"),
        ("<b> </b>", "there is no text"),
        ("x" * 4097, "4097 characters"),
        ("<b>x</b>" * 101, "101 tags"),
    ],
)
def test_the_checker_finds_what_telegram_refuses(html: str, what: str) -> None:
    """The checker names each thing that Telegram would refuse or drop."""
    assert any(what in problem for problem in problems(html))


@pytest.mark.parametrize(
    "html",
    ["Kim &amp; Noor &lt;3 &#39;", "<blockquote expandable><b>a</b> b</blockquote>", '<a href="https://t.me/x">x</a>'],
)
def test_the_checker_lets_good_html_pass(html: str) -> None:
    """The checker has nothing to say about what Telegram takes."""
    assert problems(html) == []
