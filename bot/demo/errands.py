"""Who may ask the page's server for something: only the page itself, from this machine."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from json import JSONDecodeError
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.demo.phones import ImpossibleError

# A foreign page cannot send this header without asking first (CORS), and nobody here would say yes.
HEADER = "X-Two-Phones"
HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
# Far more than Telegram's longest text, far less than what would hurt.
LARGEST_ERRAND = 64 * 1024

Errand = Mapping[str, object]
Sight = Callable[[Request], Awaitable[Response]]
Deed = Callable[[Request, Errand], Awaitable[Response]]


def local(sight: Sight) -> Sight:
    """Answer only requests that name this machine, so that no foreign name can be pointed at it (DNS rebinding)."""

    @wraps(sight)
    async def answered(request: Request) -> Response:
        if urlsplit(f"//{request.headers.get('host', '')}").hostname not in HOSTS:
            return _refused("host", HTTPStatus.FORBIDDEN)
        return await sight(request)

    return answered


def guarded(deed: Deed) -> Sight:
    """Do something only if this very page asks for it, with a JSON object as content.

    A request from elsewhere gets 403, a wrong content type 415, too much 413, content that cannot be used 400,
    and what a real phone could not do now 409.
    """

    @wraps(deed)
    async def answered(request: Request) -> Response:
        if not _from_the_page(request):
            return _refused("origin", HTTPStatus.FORBIDDEN)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _refused("content-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if len(await request.body()) > LARGEST_ERRAND:
            return _refused("size", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            errand = await request.json()
            if not isinstance(errand, dict):
                return _refused("json", HTTPStatus.BAD_REQUEST)
            return await deed(request, errand)
        except (JSONDecodeError, UnicodeDecodeError):
            return _refused("json", HTTPStatus.BAD_REQUEST)
        except UnusableError as problem:
            return _refused(str(problem), HTTPStatus.BAD_REQUEST)
        except ImpossibleError:
            return _refused("impossible", HTTPStatus.CONFLICT)

    return local(answered)


class UnusableError(ValueError):
    """A field of the request is missing, empty, too long or of the wrong type; its message is the field's name."""


def text_of(errand: Errand, name: str, longest: int) -> str:
    """A text field of a request.

    Raises:
        UnusableError: If it is missing, empty or longer than ``longest`` characters.
    """
    value = errand.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise UnusableError(name)
    return value


def number_of(errand: Errand, name: str) -> int:
    """A whole number field of a request.

    Raises:
        UnusableError: If it is missing or something else.
    """
    value = errand.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnusableError(name)
    return value


def _from_the_page(request: Request) -> bool:
    origin = request.headers.get("origin")
    same = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    return same and HEADER in request.headers


def _refused(what: str, status: HTTPStatus) -> Response:
    return Response(what, status_code=status, media_type="text/plain")
