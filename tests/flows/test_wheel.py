"""What is installed is what was tested: the wheel, alone in a folder of its own, answers."""

import asyncio
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from tests.driver import TOKEN, text_of
from tests.processes import PATIENCE, ROOT, running, until

KIM = 5_000_000_001
SOURCES = ("bot", "prompts", "storage", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources so that no build leftovers come or stay."""
    copy, to = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            _copy_tree(source, copy / name)
        elif source.exists():
            (copy / name).write_bytes(source.read_bytes())
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(to), str(copy)]
    built = subprocess.run(build, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    return next(to.glob("*.whl"))


def _copy_tree(source: Path, to: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            target = to / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def test_the_wheel_holds_everything_that_is_no_code(wheel: Path) -> None:
    """Every file of the packages is in the wheel: page, fonts with licences, style, items, screens, migrations."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for package in ("bot", "prompts", "storage")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= held, sorted(wanted - held)
    for named in (
        "bot/demo/page/index.html",
        "bot/pictures/style.toml",
        "prompts/instrument.yaml",
        "prompts/en/screens/welcome.html.j2",
        "storage/migrations/env.py",
    ):
        assert named in held
    assert any(name.startswith("prompts/fonts/") and name.endswith(".ttf") for name in held)
    assert not any(name.startswith("tests/") for name in held)


async def test_an_installed_wheel_answers_start(wheel: Path, tmp_path: Path) -> None:
    """The program of the wheel, run from an empty folder, welcomes whoever sends /start."""
    python = await asyncio.to_thread(_installed, wheel, tmp_path / "venv")
    empty = tmp_path / "empty"
    empty.mkdir()
    stand_in = StandIn(TOKEN)
    stand_in.add_user(KIM, "Kim")
    async with (
        serving(create_app(stand_in), stand_in) as address,
        running(
            "run",
            folder=empty,
            program=(str(python), "-m", "bot"),
            PYTHONPATH="",
            BOT_TOKEN=TOKEN,
            BOT_API_URL=address,
            OPEN_TO="everyone",
        ) as bot,
    ):
        await bot.until("Stop with Ctrl+C.")
        stand_in.say(KIM, "/start")
        await until(lambda: len(stand_in.messages(KIM)) > 1)
        assert text_of(stand_in.messages(KIM)[-1]).startswith("Hello. This is You & I.")
        assert (await bot.stop())[0] == 0


def _installed(wheel: Path, where: Path) -> Path:
    """A fresh environment with the wheel in it, that sees the packages which are installed here, but not this checkout."""
    venv.create(where, with_pip=False)
    python = where / "bin" / "python"
    ours = subprocess.run(  # noqa: S603 - our own words
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    site = Path(ours.stdout.strip())
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(install, check=True, timeout=2 * PATIENCE)  # noqa: S603 - our own words
    # After our own packages on the path; an editable install of the checkout would come after the wheel.
    (site / "packages-of-the-tests.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n"
    )
    found = subprocess.run(  # noqa: S603 - our own words
        [python, "-c", "import bot; print(bot.__file__)"], capture_output=True, text=True, check=True, cwd=where
    )
    assert found.stdout.startswith(str(site)), found.stdout
    return python
