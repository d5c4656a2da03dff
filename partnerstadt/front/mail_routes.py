"""What only the gateway to e-mail asks: to put mails before the staff, and for their answers."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from partnerstadt.front import mails
from partnerstadt.front.api import PRIVATE, content_of, desk_of, is_gateway
from partnerstadt.front.desk import Desk
from partnerstadt.front.errors import Wrong
from partnerstadt.front.retention import leave_no_trace

ID = re.compile("[0-9a-f]{32}")


def _desk(request: Request) -> Desk:
    """The front desk, for our own gateways only; to others there is no such address."""
    desk = desk_of(request)
    if not is_gateway(desk, request):
        raise Wrong(404, "not_found")
    return desk


async def put_mail(request: Request) -> Response:
    """Keep a mail for the staff."""
    desk = _desk(request)
    mail = mails.read_mail(await content_of(request), desk.clock())
    await desk.store.do(desk.store.within, mails.put, mail)
    return Response(status_code=204)


async def get_replies(request: Request) -> Response:
    """Answers of the staff that have not left yet."""
    desk = _desk(request)
    found = await desk.store.do(desk.store.within_reading, mails.replies)
    return JSONResponse({"replies": found}, headers=PRIVATE)


async def delete_reply(request: Request) -> Response:
    """An answer has left: delete it."""
    desk = _desk(request)
    id = request.path_params["id"]
    if not ID.fullmatch(id) or not await desk.store.do(desk.store.within, mails.done, id, mails.REPLIED):
        raise Wrong(404, "not_found")
    await leave_no_trace(desk.store)
    return Response(status_code=204)


routes = [
    Route("/api/mails", put_mail, methods=["PUT"]),
    Route("/api/mails/replies", get_replies),
    Route("/api/mails/replies/{id}", delete_reply, methods=["DELETE"]),
]
