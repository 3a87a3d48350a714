"""What a request is answered that cannot be read: no HTTP, a header that is none, a line that is too long.

It never gets to a route: neither the boundary nor the headers of all answers concern it, and aiohttp would answer in
its own words, under its own name and version. Rules kept:

* Ours is plain text: nobody can know who asked, a person's browser with too long an address or a program.
* The row of the table of problems, and nothing of what was sent; the connection is closed.
* What aiohttp writes down of it is cut to its kind (``access_log.WithoutDetails``).

Source: RFC 9112 §2.2, §3 (400); aiohttp's ``web.RequestHandler``: one for each connection, ``handle_error`` answers.
"""

from aiohttp import web

from verify.public.headers import HEADERS, NEVER_KEEP, SERVER
from verify.public.problems import Problem, problem_of

_HEADERS = {**HEADERS, "Cache-Control": NEVER_KEEP, "Server": SERVER}


class Connection(web.RequestHandler):
    """aiohttp's, but for what it says where no handler of ours can."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        super().handle_error(request, status, exc, message)  # writes it down; raises when an answer has begun
        problem = problem_of(status)
        answer = web.Response(status=problem.status, text=_words(problem), headers=_HEADERS)
        answer.force_close()
        return answer


def _words(problem: Problem) -> str:
    return f"{problem.title}\n{problem.message}\n下一步：{problem.next_step}\n（{problem.code}）\n"
