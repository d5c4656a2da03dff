"""What a client did wrong: a code for programs, a German sentence for people."""

from __future__ import annotations

import math
from typing import Any

from starlette.responses import JSONResponse

from partnerstadt.front.texts import Texts


class Wrong(Exception):
    """The request cannot be done. The code is a key of the error texts."""

    def __init__(self, status: int, code: str, retry_after: float | None = None, **values: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = None if retry_after is None else math.ceil(retry_after)
        self.values = values

    def text(self, texts: Texts) -> str:
        """The sentence for people."""
        values = dict(self.values)
        if self.retry_after is not None:
            values["seconds"] = texts.number("seconds", self.retry_after)
        return texts.text("errors", self.code, **values)

    def response(self, texts: Texts) -> JSONResponse:
        """The answer to a program."""
        error: dict[str, Any] = {"code": self.code, "text": self.text(texts)}
        headers = {"Cache-Control": "no-store"}
        if self.retry_after is not None:
            error["retry_after"] = self.retry_after
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse({"error": error}, self.status, headers)
