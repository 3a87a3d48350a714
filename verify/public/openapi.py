"""The API in OpenAPI 3.1, made from the tables of the code: routes, statuses, reasons, notices, refusals.

* What stands in a table is taken from it; what is written here, a test holds against the running service: every route,
  every status of the table of problems, every key of an answer.
* Summaries are Chinese: they are for the programmers of institutions that check reports.

Source: OpenAPI Specification 3.1.0; design §8; docs/credential.md §8, §9.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
from aiohttp import web

from verify.credential import ReportType
from verify.notices import NOTICE_WORDING, Notice
from verify.public.folder import BINARY, CBOR, revalidated
from verify.public.problems import PROBLEMS
from verify.reasons import WORDING, Reason, Verdict
from verify.status import TYP

PATH = "/openapi.json"
Schema = dict[str, Any]
_JSON, _HTML, _TEXT = "application/json", "text/html", "text/plain"
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_DAY: Schema = {"type": "string", "format": "date"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_WORDS: Schema = {"type": "string"}
_BYTES: Schema = {"type": "string", "contentMediaType": BINARY}


def mount(app: web.Application, count: Callable[[web.Request], None]) -> None:
    """``count`` raises Refused for a client over its rate."""
    content = orjson.dumps(description())

    async def described(request: web.Request) -> web.Response:
        count(request)
        return revalidated(request, content, _JSON)

    app.add_routes([web.get(PATH, described)])


def description() -> Schema:
    """The whole document."""
    about = "核验经营主体专用信用报告。“不通过”也是答复（200）；不受理的请求返回 error。无需登录，不留存所送内容。"
    return {
        "openapi": "3.1.0",
        "info": {"title": "诚核报告核验 API", "version": _version(), "description": about},
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }


def _version() -> str:
    try:
        return version("chenghe")
    except PackageNotFoundError:  # an image of the code alone
        return "0"


def _paths() -> Schema:
    return {
        "/api/verify": {"post": _verify()},
        "/api/verify/batch": {"post": _batch()},
        "/trust.json": _file(
            "信任文件：离线核验所需的全部", _JSON, {"$ref": "#/components/schemas/Trust"}, cached=True, trust=True
        ),
        "/status": _file("状态清单（IETF Token Status List，CWT）", TYP, _BYTES, cached=True, trust=True),
        "/notices": _file("提示清单（同一格式）", TYP, _BYTES, cached=True, trust=True),
        "/log/checkpoint": _file("登记日志的最新检查点（C2SP tlog-checkpoint）", _TEXT, _WORDS, cached=True),
        "/log/cosigned": _file("最近一份由第二机构共签的检查点；没有时 404", _TEXT, _WORDS, cached=True),
        "/log/tile/{tile}": _file("登记日志的一块（C2SP tlog-tiles）", BINARY, _BYTES, parameter=("tile", "0/000")),
        "/registered/{ref}": _file("一份报告在日志中的条目", CBOR, _BYTES, cached=True, parameter=("ref", "ab/ab…")),
        "/sealed/{locator}": _file("封存的报告内容，只有持码人能打开", BINARY, _BYTES, parameter=("locator", "0" * 32)),
        PATH: _file("本说明", _JSON, {"type": "object"}, cached=True, kept=False),
        "/health": {
            "get": _operation("服务是否可用", {200: (_JSON, _ref("Health")), 503: (_JSON, _ref("Health"))}, (405, 500))
        },
        "/metrics": {
            "get": _operation("运行指标（Prometheus）；经代理来的请求为 404", {200: (_TEXT, _WORDS)}, _PAGE_FAULTS)
        },
        "/v": {
            "get": _operation("核验页", {200: (_HTML, _WORDS)}, (405, 500), _HTML),
            "post": _form(),
        },
        "/v/batch": {"get": _operation("批量核验页", {200: (_HTML, _WORDS)}, (405, 500), _HTML)},
        "/v/{digits}": {
            "get": {
                **_operation("一个核验码的结果页", {200: (_HTML, _WORDS)}, (405, 429, 500, 503), _HTML),
                "parameters": [_parameter("digits", "1")],
            }
        },
    }


_PAGE_FAULTS = (404, 405, 500)
_ASKING_FAULTS = (400, 405, 408, 413, 415, 429, 500, 503)


def _verify() -> Schema:
    content = {
        _JSON: {"schema": {"oneOf": [_ref("ScannedQuestion"), _ref("TypedQuestion")]}},
        "multipart/form-data": {"schema": _ref("FileQuestion")},
    }
    operation = _operation(
        "核验一份报告：核验码、报告编号与核验码，或一个文件", {200: (_JSON, _ref("Entry"))}, _ASKING_FAULTS
    )
    return {**operation, "operationId": "verify", "requestBody": {"required": True, "content": content}}


def _batch() -> Schema:
    forms = (
        "application/x-ndjson",
        _JSON,
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    content = {
        form: {"schema": _BYTES if "sheet" in form else _WORDS if form != _JSON else {"type": "object"}}
        for form in forms
    }
    operation = _operation("核验许多报告：文件、压缩包、投标人名单", {}, _ASKING_FAULTS)
    operation["responses"]["200"] = {"description": "结果；格式由 form 或 Accept 决定", "content": content}
    body = {"multipart/form-data": {"schema": {"type": "object", "additionalProperties": True}}}
    return {**operation, "operationId": "verifyBatch", "requestBody": {"required": True, "content": body}}


def _form() -> Schema:
    form: Schema = {"oneOf": [_ref("ScannedQuestion"), _ref("TypedQuestion")]}
    content = {
        "application/x-www-form-urlencoded": {"schema": form},
        "multipart/form-data": {"schema": _ref("FileQuestion")},
    }
    operation = _operation("核验页的表单", {200: (_HTML, _WORDS)}, _ASKING_FAULTS, _HTML)
    return {**operation, "requestBody": {"required": True, "content": content}}


def _file(
    summary: str,
    kind: str,
    schema: Schema,
    *,
    cached: bool = False,
    trust: bool = False,
    kept: bool = True,
    parameter: tuple[str, str] | None = None,
) -> Schema:
    """A file of the public folder. ``cached``: with an ETag; ``trust``: 503 while the trust file is unusable;
    ``kept``: it may be missing."""
    faults = (
        *((404,) if kept else ()),
        405,
        429,
        500,
        *((503,) if trust else ()),
    )
    operation = _operation(summary, {200: (kind, schema)}, faults, _HTML)
    if cached:
        operation["responses"]["304"] = {"description": "与 If-None-Match 所说的相同"}
        operation["parameters"] = [{"name": "If-None-Match", "in": "header", "schema": _WORDS}]
    if parameter is not None:
        operation.setdefault("parameters", []).append(_parameter(*parameter))
    return {"get": operation}


def _operation(
    summary: str, answers: Mapping[int, tuple[str, Schema]], faults: Iterable[int], kind: str = _JSON
) -> Schema:
    """``kind``: what a refusal is told in; programs get JSON below /api/, a page elsewhere."""
    responses = {
        str(status): {"description": "答复", "content": {form: {"schema": schema}}}
        for status, (form, schema) in answers.items()
    }
    for status in faults:
        responses.setdefault(str(status), _fault(status, kind))
    return {"summary": summary, "responses": responses}


def _fault(status: int, kind: str) -> Schema:
    problem = PROBLEMS[status]
    fault: Schema = {
        "description": f"{problem.code}：{problem.message}",
        "content": {kind: {"schema": _ref("Problem") if kind == _JSON else _WORDS}},
    }
    if status in (429, 503):
        fault["headers"] = {"Retry-After": {"description": "几秒后再试", "schema": {"type": "string"}}}
    if status == 405:
        fault["headers"] = {"Allow": {"description": "接受的方法", "schema": {"type": "string"}}}
    return fault


def _parameter(name: str, example: str) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
        "example": example,
    }


def _schemas() -> Schema:
    return {
        "ScannedQuestion": _object(
            {"token": _described_as(_WORDS, "二维码的文字，或其中的数字"), "at": _AT}, optional=("at",), closed=False
        ),
        "TypedQuestion": _object(
            {"number": _described_as(_WORDS, "报告编号"), "code": _described_as(_WORDS, "12 位核验码"), "at": _AT},
            optional=("at",),
            closed=False,
        ),
        "FileQuestion": _object(
            {"file": _described_as(_BYTES, "docx、PDF、PNG 或 JPEG，至多 10 MB"), "at": _AT},
            optional=("at",),
            closed=False,
        ),
        "Entry": _entry(),
        "Report": _report(),
        "Difference": _object({"where": _WORDS, "issued": _or_null(_WORDS), "found": _or_null(_WORDS)}),
        "Notice": _object({"code": {"enum": [each.value for each in Notice]}, "message": _WORDS, "next_step": _WORDS}),
        "Log": _log(),
        "Problem": _object({"error": _object({"code": _WORDS, "message": _WORDS, "next_step": _WORDS})}),
        "Health": _object({"service": {"const": "public"}, "ok": {"type": "boolean"}}, closed=False),
        "Trust": {"type": "object", "required": ["format", "issuer", "root", "key_list"]},
    }


_AT: Schema = {
    "type": ["string", "null"],
    "format": "date-time",
    "description": "所问时刻（ISO 8601）；不写时差即为北京时间；不写即为现在",
}


def _entry() -> Schema:
    reasons = "；".join(f"{each.value}＝{WORDING[each].verdict.value}" for each in Reason)
    return _object(
        {
            "input": _described_as(_WORDS, "核验的是什么：核验码、文件名或报告编号"),
            "verdict": {"enum": [each.value for each in Verdict]},
            "reason": {"enum": [each.value for each in Reason], "description": reasons},
            "message": _WORDS,
            "next_step": _WORDS,
            "checked_at": _MOMENT,
            "report": _or_null(_ref("Report")),
            "differences": {"type": "array", "items": _ref("Difference")},
            "notices": {
                "type": "array",
                "items": _ref("Notice"),
                "description": "；".join(f"{each.value}：{NOTICE_WORDING[each].message}" for each in Notice),
            },
            "log": _or_null(_ref("Log")),
        }
    )


def _report() -> Schema:
    return _object(
        {
            "number": {"type": "string", "pattern": "^[A-Z]{4}[0-9]{15}$"},
            "type": {"enum": [each.slug for each in ReportType]},
            "subject_name": _WORDS,
            "subject_code": {"type": "string", "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"},
            "period_from": _DAY,
            "period_to": _DAY,
            "issued_at": _MOMENT,
            "valid_until": _MOMENT,
            "domains": _COUNT,
            "records": _COUNT,
            "domains_without_data": _COUNT,
        }
    )


def _log() -> Schema:
    change = _object(
        {"status": {"enum": ["revoked", "superseded", "suspended", "valid"]}, "at": _MOMENT, "index": _COUNT}
    )
    return _object(
        {
            "origin": _WORDS,
            "index": _COUNT,
            "logged_at": _MOMENT,
            "tree_size": _COUNT,
            "checkpoint_at": _MOMENT,
            "witnesses": {"type": "array", "items": _WORDS},
            "changes": {"type": "array", "items": change},
        }
    )


def _object(properties: Mapping[str, Schema], *, optional: tuple[str, ...] = (), closed: bool = True) -> Schema:
    """``closed``: exactly these keys, which is what we promise of answers; questions may say more."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required, "additionalProperties": not closed}


def _or_null(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _described_as(schema: Schema, text: str) -> Schema:
    return {**schema, "description": text}
