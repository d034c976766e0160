from pathlib import Path

import pytest

from prompts.catalogue import languages
from tests.word_rules import GRADE, Passage, complaints, grade, passages, screen

PROMPTS = Path(__file__).parents[2] / "prompts"

BAD = [
    ("label", "notice.x", "You are the avoidant one."),
    ("label", "notice.x", "You should talk tonight."),
    ("label", "notice.x", "Try harder next time."),
    ("label", "notice.x", "It may help to open up."),
    ("label", "notice.x", "You two are highly compatible."),
    ("label", "notice.x", "That is an unhealthy relationship."),
    ("label", "notice.x", "That was toxic."),
    ("label", "notice.x", "You are safe here."),
    ("label", "notice.x", "This is confidential."),
    ("label", "notice.x", "Your partner is hiding something."),
    ("label", "notice.x", "Your partner has just answered."),
    ("label", "notice.x", "A streak of four weeks."),
    ("label", "notice.x", "Your guess was 80 % right."),
    ("label", "notice.x", "Well done."),
    ("label", "notice.x", "You must answer today."),
    ("label", "notice.x", "Only two left."),
    ("label", "notice.x", "You still haven't answered."),
    ("label", "notice.x", "Ask what she thinks."),
    ("label", "notice.x", "Ask your husband."),
    ("label", "notice.x", "We kept nothing."),
    ("label", "notice.x", "I kept nothing."),
    ("label", "notice.x", "It is all noted!"),
    ("label", "notice.x", "You are Adrift."),
    ("label", "notice.x", "{name} is mostly Engulfed.".replace("{name}", "Kim")),
    ("starter", "starters.0.text", "Tell me what you like."),
    ("starter", "starters.0.text", "word " * 36),
    ("thought", "thoughts.0.text", "word " * 26),
    ("screen", "welcome", "word. " * 61),
    ("screen", "other", "word " * 36),
]

GOOD = [
    ("label", "button.begin", "I'm 18 or over, let's begin"),
    ("label", "circle.i", "I"),
    ("label", "picture.line", 'Your "I" is big, and neither measures love.'),
    ("screen", "share", "Shall we try this? You choose what I see."),
    ("screen", "welcome", "Hello. This is You & I."),
    ("label", "notice.talked", 'Noted: "We talked".'),
    ("starter", "starters.0.text", "Finish this: 'When I want space I usually …'"),
    ("statement", "statements.I07", "I told my partner what I really thought."),
    ("statement", "wish.labels.room", "More room for me"),
    ("statement", "frames.guess", "(Inside the quote, 'my partner' means you.)"),
    ("help", "lines.0.name", "911 in the US, for the others there is 112"),
]


@pytest.mark.parametrize("language", languages())
def test_every_text_keeps_the_rules_for_words(language: str) -> None:
    """No text labels, diagnoses, presses, promises, praises, names a gender, or lets the bot say I."""
    found = [f"prompts/{language}/{line}" for passage in passages(PROMPTS / language) for line in complaints(passage)]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("kind", ["screen", "label", "starter", "why", "thought", "statement", "help"])
@pytest.mark.parametrize("language", languages())
def test_texts_of_every_kind_are_found(language: str, kind: str) -> None:
    """The rules read every kind of text, so that none is left out unseen."""
    assert any(passage.kind == kind for passage in passages(PROMPTS / language))


@pytest.mark.parametrize("kind", ["screen", "starter", "why", "thought", "statement"])
def test_english_is_easy_to_read(kind: str) -> None:
    """English texts of each kind take eight years of school or fewer on average."""
    texts = [passage.text for passage in passages(PROMPTS / "en") if passage.kind == kind]
    assert grade(texts) <= GRADE


@pytest.mark.parametrize(("kind", "name", "text"), BAD)
def test_what_is_never_said_is_caught(kind: str, name: str, text: str) -> None:
    """Each rule catches the words it is there for."""
    assert complaints(Passage("some.yaml", 3, kind, name, text))


@pytest.mark.parametrize(("kind", "name", "text"), GOOD)
def test_what_may_be_said_passes(kind: str, name: str, text: str) -> None:
    """The person's own words, the circle called "I" and the name You & I are no breach."""
    assert complaints(Passage("some.yaml", 3, kind, name, text)) == []


def test_a_complaint_names_the_line_of_a_template() -> None:
    """Whoever broke a rule reads the file and the line, even below template code over several lines."""
    source = "{# two\nlines #}\n{% if name %}\nHello {{ name }}\n{% endif %}\nYou must go."
    assert complaints(screen("x.html.j2", source)) == ['screens/x.html.j2:6: "must" presses or shames (x)']


def test_words_inside_template_code_are_read() -> None:
    """A sentence that stands as a string in template code obeys the rules as well."""
    assert complaints(screen("x.html.j2", "{{ 'You must go' if late else 'Stay' }}"))


def test_a_name_filled_into_a_state_is_caught() -> None:
    """A template that would call the partner by a state is caught before any name is known."""
    assert complaints(screen("x.html.j2", "<b>{{ partner }}</b> is <i>Isolated</i>."))
