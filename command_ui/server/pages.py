"""How do the few pages look that are not the console: sign-in and errors?"""

from functools import cache

from jinja2 import Environment, PackageLoader, select_autoescape

from command_ui.server import assets

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


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("command_ui.server"), autoescape=select_autoescape(default=True, default_for_string=True)
    )
    environment.globals["asset"] = assets.address
    return environment


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
    outside: str = "",
    continued: str = "",
) -> str:
    """
    Draw the sign-in page; it works without JavaScript and asks no host but our own.

    Parameters
    ----------
    outside
        Name of the identity provider people may sign in with instead; empty without one.
    continued
        Name a reverse proxy gives, under which one may go on; empty without one.
    """
    return draw(
        "sign_in.html", form_token=form_token, next_path=next_path, name=name, refused=refused, outside=outside,
        continued=continued,
    )  # fmt: skip


def draw(template: str, **values: object) -> str:
    """Draw one of the pages around the door; every value is escaped."""
    return _environment().get_template(template).render(**values)
