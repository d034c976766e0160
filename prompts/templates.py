"""Screens: every template of a language compiled at the start, so that none can fail halfway through a week."""

from collections.abc import Callable, Mapping
from math import floor
from types import MappingProxyType

from jinja2 import DictLoader, Environment, StrictUndefined, Template, TemplateSyntaxError, meta, nodes

from prompts.source import ContentFile

ENDING = ".html.j2"
MINUTES_AN_HOUR = 60


def compile_screens(
    folder: ContentFile, labels: Mapping[str, str], label: Callable[..., str]
) -> Mapping[str, Template]:
    """Every template in the folder, by its name without the ending.

    What a template is given is escaped; its own markup is not. A value that was not given is an error. Templates
    know the filters `about` and `clock` and the function `label`. One whose name begins with an underscore is no
    screen: it serves ``{% include "_name.html.j2" %}`` and ``{% import %}``.

    Args:
        folder: The folder of screens of one language.
        labels: Every label, to check the keys that templates name.
        label: What templates call as ``label("key", name=…)``.

    Raises:
        CatalogueError: If there is none, or one cannot be compiled, or names a template or label that does not exist.
    """
    sources = _sources(folder)
    env = Environment(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    env.filters.update(about=about, clock=clock)
    env.globals.update(label=label)
    for name, source in sources.items():
        _check(ContentFile(folder.folder, folder.language, f"{folder.name}/{name}"), env, name, source, labels)
    screens = {name.removesuffix(ENDING): env.get_template(name) for name in sources if not name.startswith("_")}
    return MappingProxyType(screens)


def about(number: float) -> str:
    """A size as it is said: the nearest whole number, halves upwards."""
    return str(floor(number + 0.5))


def clock(minute: int) -> str:
    """A minute of the day as a clock shows it: 1140 is "19:00"."""
    return "{:02}:{:02}".format(*divmod(minute, MINUTES_AN_HOUR))


def _sources(folder: ContentFile) -> dict[str, str]:
    place = folder.folder.joinpath(folder.name)
    if not place.is_dir():
        folder.fail("there is no such folder", "add it with one template a screen")
    names = sorted(entry.name for entry in place.iterdir() if entry.name.endswith(ENDING))
    if not names:
        folder.fail("there are no templates", f"add one a screen, each ending in {ENDING}")
    return {name: ContentFile(folder.folder, folder.language, f"{folder.name}/{name}").text() for name in names}


def _check(file: ContentFile, env: Environment, name: str, source: str, labels: Mapping[str, str]) -> None:
    """Compile one template, which the environment keeps, and look up what it names."""
    try:
        env.get_template(name)
        tree = env.parse(source)
    except TemplateSyntaxError as error:
        file.fail(f"line {error.lineno} cannot be compiled, {(error.message or '').rstrip('.')}", "correct that line")
    for other in meta.find_referenced_templates(tree):
        if other is None or env.loader is None or other not in env.loader.list_templates():
            file.fail(f"the template {other or 'that it computes'} does not exist", "name one that lies beside it")
    for call in tree.find_all(nodes.Call):
        key = _label_key(call)
        if key is not None and key not in labels:
            file.fail(f"line {call.lineno} names the label {key}, which does not exist", "add it to labels.yaml")


def _label_key(call: nodes.Call) -> str | None:
    """The key of a call such as ``label("button.begin")``; None for any other call or a computed key."""
    if not isinstance(call.node, nodes.Name) or call.node.name != "label" or not call.args:
        return None
    first = call.args[0]
    return first.value if isinstance(first, nodes.Const) and isinstance(first.value, str) else None
