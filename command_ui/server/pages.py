"""How do the few pages look that are not the console: sign-in and errors?"""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, select_autoescape

from command_ui.server import assets
from command_ui.words import say

_TITLES = {
    401: ("请先登录", "Sign in first"),
    403: ("无权访问", "No right to this"),
    404: ("没有找到", "Not found"),
    405: ("不支持的操作", "Method not allowed"),
    409: ("数据已变化，请刷新", "The state has moved on"),
    413: ("内容过大", "Too large"),
    422: ("输入有误", "Input not allowed"),
    429: ("请求过于频繁，请稍候", "Too many requests"),
    503: ("系统暂时不可用，请稍候", "Not available just now"),
}
_FAULTS = (
    # what the accounts say of a password, and of the three administrators -> what is read
    (r"the password must have at least (\d+) characters", r"口令至少 \1 位"),
    (
        r"a password of fewer than (\d+) characters must mix (\d+) of.*",
        r"不足 \1 位的口令须含大小写、数字、符号中的 \2 类",
    ),
    (r"the password must not be made of the name", "口令不得由用户名构成"),
    (r"the password is one that everybody tries first", "口令过于常见"),
    (r"the password is one of the last (\d+)", r"口令与最近 \1 次之一相同"),
    (r"the three administrators must be three persons.*", "三员须为三个不同的人，工号不得相同"),
    (r"the three accounts need three names", "三个账号的用户名不得相同"),
    (r"(?:name|display_name|person) is empty", "用户名、姓名、工号均须填写"),
    (r"(?:name|display_name|person) is too long", "用户名、姓名、工号不得超过 64 字"),
)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("command_ui.server"), autoescape=select_autoescape(default=True, default_for_string=True)
    )
    environment.globals["asset"] = assets.address
    environment.filters["chinese"] = in_chinese
    return environment


def in_chinese(faults: str) -> str:
    """
    Say in Chinese what is wrong with a password or the three administrators; an unknown sentence stays away.

    Examples
    --------
    >>> in_chinese("the password is one of the last 5")
    '口令与最近 5 次之一相同。'
    """
    said = []
    for one in faults.split("; "):
        office, _, fault = one.rpartition("_admin: ")
        whose = say(f"role.{office}_admin") + "：" if office else ""
        said += [whose + re.sub(known, chinese, fault) for known, chinese in _FAULTS if re.fullmatch(known, fault)]
    return "；".join(said) + "。" if said else ""


def error_page(status: int, message: str, request_id: str) -> str:
    """Draw an error page; `message` is the English sentence and is escaped."""
    chinese, english = _TITLES.get(status, ("系统出错", "The server failed"))
    message = "" if message.rstrip(".") == english else message
    return (
        _environment()
        .get_template("error.html")
        .render(status=status, chinese=chinese, english=english, message=message, request_id=request_id)
    )


def sign_in_page(
    form_token: str,
    *,
    next_path: str = "/",
    name: str = "",
    refused: bool = False,
    ended: bool = False,
    outside: str = "",
    continued: str = "",
) -> str:
    """
    Draw the sign-in page; it works without JavaScript and asks no host but our own.

    Parameters
    ----------
    ended
        Whether the browser brings a session that is no more, and its person wonders why.
    outside
        Name of the identity provider people may sign in with instead; empty without one.
    continued
        Name a reverse proxy gives, under which one may go on; empty without one.
    """
    return draw(
        "sign_in.html", form_token=form_token, next_path=next_path, name=name, refused=refused, ended=ended,
        outside=outside, continued=continued,
    )  # fmt: skip


def draw(template: str, **values: object) -> str:
    """Draw one of the pages around the door; every value is escaped."""
    return _environment().get_template(template).render(**values)
