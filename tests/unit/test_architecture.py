import ast
import importlib.util
import inspect
import re
from types import ModuleType

import pytest

from tests.unit.pages import DOTTED, LINK, PATH, ROOT, fences, page, pages, project, spans

PAGE = page("docs/architecture.md")
NAMES = [name for name in spans(PAGE) if DOTTED.fullmatch(name)]
STEP = re.compile(r"^(\d+)\. (.*?)(?=^\d+\. |^\S|\Z)", re.DOTALL | re.MULTILINE)
STEPS = [(int(number), DOTTED.findall(text)) for number, text in STEP.findall(PAGE)]
BUILDERS = frozenset({"select", "insert", "insert_into", "update", "delete"})
CONTRACTS = project()["tool"]["importlinter"]["contracts"]


def find(name: str) -> tuple[ModuleType, object]:
    """The module of a dotted name, and what the whole name stands for."""
    first, *parts = name.split(".")
    module = importlib.import_module(first)
    while parts and importlib.util.find_spec(f"{module.__name__}.{parts[0]}") is not None:
        module = importlib.import_module(f"{module.__name__}.{parts.pop(0)}")
        if not hasattr(module, "__path__"):
            break
    thing: object = module
    for part in parts:
        thing = getattr(thing, part)
    return module, thing


def says(module: ModuleType, word: str) -> bool:
    """Whether a module's source has a word."""
    return re.search(rf"\b{word}\b", inspect.getsource(module)) is not None


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_every_name_on_the_page_is_in_the_code(name: str) -> None:
    """A module, class or function that the page names can be imported."""
    find(name)


@pytest.mark.parametrize("where", pages())
def test_every_path_on_a_page_exists(where: str) -> None:
    """A file or folder that a page names, or links to, is there."""
    text = page(where)
    named = [span for span in spans(text) if PATH.fullmatch(span)]
    linked = [(ROOT / where).parent / link for link in LINK.findall(text) if "://" not in link]
    missing = [path for path in [*(ROOT / span for span in named), *linked] if not path.exists()]
    assert not missing


@pytest.mark.parametrize(("number", "names"), STEPS, ids=str)
def test_a_step_is_one_the_code_takes(number: int, names: list[str]) -> None:
    """Whatever a step names after its first name, the code of an earlier name in that step speaks of."""
    assert len(names) > 1, f"step {number} names no way from one place to another"
    modules = [find(name)[0] for name in names]
    for position, name in enumerate(names[1:], start=1):
        word = name.rpartition(".")[2]
        assert any(says(module, word) for module in modules[:position]), f"step {number}: nobody there calls {name}"


def test_the_steps_are_counted() -> None:
    """The way of a tap is told in steps that follow each other."""
    assert [number for number, _ in STEPS] == list(range(1, len(STEPS) + 1))


def test_every_package_has_its_line() -> None:
    """No room of the house is left out."""
    packages = {f"{name.replace('.', '/')}/" for name in project()["tool"]["setuptools"]["packages"]} - {"bot/"}
    assert packages <= set(spans(PAGE))


def test_the_layers_on_the_page_are_those_that_are_checked() -> None:
    """The page's order of imports is the import linter's."""
    (contract,) = [each for each in CONTRACTS if each["type"] == "layers"]
    (diagram,) = [block for block in fences(PAGE, "text") if "bot.__main__" in block]
    assert diagram.splitlines() == contract["layers"]


def test_every_import_rule_is_on_the_page() -> None:
    """The page names each rule that the import linter holds."""
    said = " ".join(PAGE.split())
    assert [each["name"] for each in CONTRACTS if each["name"] not in said] == []


def test_statements_stand_ready() -> None:
    """No unit of work builds a statement: it takes as long as running one, and each is the same every time."""
    built = [
        f"{path.name}: {function.name}"
        for path in sorted((ROOT / "storage").glob("*.py"))
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and _takes_a_unit_of_work(function)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in BUILDERS
    ]
    assert not built


def _takes_a_unit_of_work(function: ast.FunctionDef) -> bool:
    return any(isinstance(each.annotation, ast.Name) and each.annotation.id == "Tx" for each in function.args.args)
