"""What can be set around the door: an identity provider, a reverse proxy that names people, a copy of the audit?"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class DoorSettings(BaseSettings):
    """Settings of sign-in and audit; part of the one object of `command_ui.settings`."""

    oidc_issuer: Annotated[
        str,
        Field(
            description="Address of the identity provider (OpenID Connect) people may sign in at; unset = none.",
            json_schema_extra={"zh": "统一身份认证（OpenID Connect）的签发者地址；不设则只用本地账号。"},
        ),
    ] = ""
    oidc_client_id: Annotated[
        str,
        Field(
            description="Name of this installation at the identity provider.",
            json_schema_extra={"zh": "本系统在统一身份认证处登记的客户端标识。"},
        ),
    ] = ""
    oidc_client_secret: Annotated[
        SecretStr | None,
        Field(
            description="Secret that goes with it; a client without one is protected by PKCE alone.",
            json_schema_extra={"zh": "与客户端标识对应的密钥；公开客户端不设，仅用 PKCE。"},
        ),
    ] = None
    oidc_title: Annotated[
        str,
        Field(
            description="What the sign-in page calls the identity provider; without it, its address.",
            json_schema_extra={"zh": "登录页上显示的统一身份认证名称；不设则显示其地址。"},
        ),
    ] = ""
    oidc_scopes: Annotated[
        str,
        Field(
            description="Scopes that are asked for, with spaces between; openid must be one.",
            json_schema_extra={"zh": "请求的 scope，空格分隔；必须含 openid。"},
        ),
    ] = "openid profile"
    oidc_mapping: Annotated[
        Path | None,
        Field(
            description="TOML file that says how claims become accounts and rights; without it, rights are given here.",
            json_schema_extra={"zh": "声明与账号、角色、辖区的对照文件（TOML）；不设则由本系统安全管理员授权。"},
        ),
    ] = None
    oidc_skew_s: Annotated[
        int,
        Field(
            ge=0,
            le=300,
            description="Seconds the identity provider's clock may differ from ours.",
            json_schema_extra={"zh": "允许统一身份认证与本机的时钟偏差，秒。"},
        ),
    ] = 60
    outside_unknown: Annotated[
        Literal["refuse", "create"],
        Field(
            description="Somebody vouched for outside whom nobody knows here: refuse, or create without any right.",
            json_schema_extra={"zh": "外部认证通过但本系统没有账号的人：refuse 拒绝，create 建立无权限账号。"},
        ),
    ] = "refuse"
    proxy_from: Annotated[
        str,
        Field(
            description="Addresses or networks of the reverse proxy that ONEMAP_PROXY_HEADER is believed from.",
            json_schema_extra={"zh": "可信反向代理的地址或网段，逗号分隔；仅采信来自这些地址的登录人请求头。"},
        ),
    ] = ""
    proxy_header: Annotated[
        str,
        Field(
            description="Header in which the reverse proxy names who is signed in, such as X-Remote-User; unset = off.",
            json_schema_extra={"zh": "反向代理传递登录人用户名的请求头，例如 X-Remote-User；不设则关闭。"},
        ),
    ] = ""
    audit_copy: Annotated[
        str,
        Field(
            description="Where each line of the audit is copied to: syslog+tls://host:6514, syslog+tcp:// or keep+tls://.",
            json_schema_extra={
                "zh": ("审计异地副本的接收地址：syslog+tls://主机:6514、syslog+tcp:// 或 keep+tls://；不设则不复制。")
            },
        ),
    ] = ""
    audit_copy_ca: Annotated[
        Path | None,
        Field(
            description="Certificate authority (PEM) of that receiver; without it, the system's own.",
            json_schema_extra={"zh": "接收端证书的签发机构文件（PEM）；不设则用系统信任库。"},
        ),
    ] = None
