"""What can be set, where does each value come from, and what does it mean?"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from command_ui.access.door_settings import DoorSettings
from command_ui.meeting.video import fault_of, hosts_of
from gis.errors import InputError

PREFIX = "ONEMAP_"
ROOT = Path(__file__).parent.parent
NOT_SETTINGS = frozenset({"ONEMAP_SHARED_DATA", "ONEMAP_CHROMIUM", "ONEMAP_PYTHON"})
"""Read by the tests and by the set-up, not by the program."""

LogLevel = Literal["debug", "info", "warning", "error"]
NodeLevel = Literal["province", "city", "county", "enterprise"]


def _meaning(chinese: str) -> dict[str, Any]:
    return {"zh": chinese}


class Settings(DoorSettings):
    """Everything that can be set from outside, all by environment variables with the prefix ONEMAP_."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    host: Annotated[
        str,
        Field(
            description="Address the server listens on; 0.0.0.0 for all networks.",
            json_schema_extra=_meaning("服务监听的地址；0.0.0.0 表示全部网卡。"),
        ),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Field(
            ge=1,
            le=65535,
            description="Port of the page and the API.",
            json_schema_extra=_meaning("网页与接口的端口。"),
        ),
    ] = 5006
    data_dir: Annotated[
        Path,
        Field(
            description="Folder of the private cluster, road networks, caches and uploads.",
            json_schema_extra=_meaning("数据目录：自带数据库、路网、缓存与上传文件。"),
        ),
    ] = ROOT / "data"
    database_url: Annotated[
        SecretStr | None,
        Field(
            description="A PostGIS server to use instead of the private cluster: postgresql://user:password@host/name.",
            json_schema_extra=_meaning("改用外部 PostGIS 服务器的地址；不设则启动自带数据库。"),
        ),
    ] = None
    tiles_url: Annotated[
        SecretStr | None,
        Field(
            description="A streaming standby that tiles are read from, to leave the first server to those who write.",
            json_schema_extra=_meaning("只读副本（流复制备库）的地址，供地图瓦片读取，减轻主库负担；不设则读主库。"),
        ),
    ] = None
    migration_url: Annotated[
        SecretStr | None,
        Field(
            description="Login that may migrate, when ONEMAP_DATABASE_URL logs in as onemap_app.",
            json_schema_extra=_meaning("有权升级表结构的登录地址；仅当 ONEMAP_DATABASE_URL 以 onemap_app 登录时需要。"),
        ),
    ] = None
    origins: Annotated[
        str,
        Field(
            description="Further addresses the page is opened under, comma-separated: https://map.example.org.",
            json_schema_extra=_meaning("网页的其他访问地址，逗号分隔，例如 https://map.example.org。"),
        ),
    ] = ""
    dask_scheduler: Annotated[
        str,
        Field(
            pattern=r"^(|(tcp|tls)://[A-Za-z0-9.:\[\]_-]+:[0-9]{1,5})$",
            description="Scheduler of a Dask cluster for large ensembles, tcp://host:8786; unset, this machine.",
            json_schema_extra=_meaning("大规模集合计算所用 Dask 集群的调度器地址，如 tcp://host:8786；不设则用本机。"),
        ),
    ] = ""
    overpass_url: Annotated[
        str | None,
        Field(
            description="Overpass service that `onemap roads fetch` asks instead of the public one.",
            json_schema_extra=_meaning("onemap roads fetch 使用的 Overpass 服务地址；不设则用公共服务。"),
        ),
    ] = None
    nominatim_url: Annotated[
        str | None,
        Field(
            description="Place search that `onemap roads fetch` asks instead of the public one.",
            json_schema_extra=_meaning("onemap roads fetch 使用的地名检索服务地址；不设则用公共服务。"),
        ),
    ] = None
    tianditu_keys: Annotated[
        SecretStr | None,
        Field(
            description="Server keys of Tianditu, comma-separated; sent in turn, never to a browser.",
            json_schema_extra=_meaning("天地图服务端密钥，逗号分隔，轮流使用；不会发给浏览器。"),
        ),
    ] = None
    tianditu_tiles_url: Annotated[
        str,
        Field(
            description="Base address of a mirrored copy of the national tiles, e.g. on a government network.",
            json_schema_extra=_meaning("国家底图镜像（如政务外网）的瓦片基地址；不设则用天地图主站。"),
        ),
    ] = ""
    tianditu_api_url: Annotated[
        str,
        Field(
            description="Base address of the place services: search, geocoding, divisions, driving.",
            json_schema_extra=_meaning("地名检索、地理编码、行政区划、驾车服务的基地址。"),
        ),
    ] = "https://api.tianditu.gov.cn"
    tianditu_provinces: Annotated[
        str,
        Field(
            description="Provincial publishers that may be asked, comma-separated: jiangsu, jilin.",
            json_schema_extra=_meaning("允许访问的省级节点，逗号分隔：jiangsu、jilin。"),
        ),
    ] = ""
    tianditu_jiangsu_url: Annotated[
        str,
        Field(
            description="Base address of Tianditu Jiangsu.",
            json_schema_extra=_meaning("天地图·江苏的基地址。"),
        ),
    ] = "https://jiangsu.tianditu.gov.cn"
    tianditu_jilin_url: Annotated[
        str,
        Field(
            description="Base address of Tianditu Jilin.",
            json_schema_extra=_meaning("天地图·吉林的基地址。"),
        ),
    ] = "https://jilin.tianditu.gov.cn"
    own_map_approval: Annotated[
        str,
        Field(
            description="Approval number 审图号 of our own vector base map; unset, it is said that there is none yet.",
            json_schema_extra=_meaning("本系统矢量底图的审图号；不设则显示“待配置”。"),
        ),
    ] = ""
    tianditu_jiangsu_approval: Annotated[
        str,
        Field(
            description="Approval number 审图号 of the maps of Tianditu Jiangsu; unset, as above.",
            json_schema_extra=_meaning("天地图·江苏底图的审图号；不设则显示“待配置”。"),
        ),
    ] = ""
    tianditu_jilin_approval: Annotated[
        str,
        Field(
            description="Approval number 审图号 of the maps of Tianditu Jilin; unset, as above.",
            json_schema_extra=_meaning("天地图·吉林底图的审图号；不设则显示“待配置”。"),
        ),
    ] = ""
    tianditu_approval: Annotated[
        str,
        Field(
            description="Approval number 审图号 shown on national maps, bottom left; it changes with map updates.",
            json_schema_extra=_meaning("国家底图左下角显示的审图号；随地图更新而变。"),
        ),
    ] = "GS（2024）0568号-甲测资字1100471"
    tianditu_attribution: Annotated[
        str,
        Field(
            description="Source shown beside the approval number.",
            json_schema_extra=_meaning("审图号旁显示的地图来源。"),
        ),
    ] = "©地理信息公共服务平台（天地图）"
    tianditu_search: Annotated[
        bool,
        Field(
            description="Whether the search box also asks Tianditu: what is typed then leaves this house.",
            json_schema_extra=_meaning("搜索框是否同时查询天地图；开启后输入内容会发往外部。"),
        ),
    ] = False
    tianditu_cache_mb: Annotated[
        int,
        Field(
            ge=10,
            le=1_000_000,
            description="Bound of the tile cache in megabytes.",
            json_schema_extra=_meaning("瓦片缓存上限，兆字节。"),
        ),
    ] = 2000
    tianditu_cache_days: Annotated[
        float,
        Field(
            gt=0,
            le=3650,
            description="Age in days after which a cached tile is asked for again.",
            json_schema_extra=_meaning("瓦片缓存有效期，天；过期后重新请求。"),
        ),
    ] = 7
    sample: Annotated[
        bool,
        Field(
            description="Whether `onemap run` loads the fictional sample city into an empty database.",
            json_schema_extra=_meaning("数据库为空时，onemap run 是否载入虚构的演练市。"),
        ),
    ] = True
    simulate: Annotated[
        bool,
        Field(
            description="Whether `onemap run` lets the sample city's sensors speak: fictional values, drill only.",
            json_schema_extra=_meaning("onemap run 是否让演练市的测点持续上报（虚构数值，仅演练）。"),
        ),
    ] = True
    sensor_days: Annotated[
        int,
        Field(
            ge=7,
            le=3650,
            description="Days of sensor history that are kept; older days are dropped whole.",
            json_schema_extra=_meaning("测点历史保留的天数；更早的按天整体删除。"),
        ),
    ] = 180
    mqtt_url: Annotated[
        SecretStr | None,
        Field(
            description="MQTT broker whose messages are taken in: mqtt://user:password@host:1883, mqtts:// with TLS.",
            json_schema_extra=_meaning("接入的 MQTT 服务器：mqtt://用户:口令@主机:1883；mqtts:// 表示 TLS。"),
        ),
    ] = None
    log_level: Annotated[
        LogLevel,
        Field(
            description="How much the server tells: debug, info, warning or error.",
            json_schema_extra=_meaning("服务日志的详细程度：debug、info、warning 或 error。"),
        ),
    ] = "warning"

    node_name: Annotated[
        str,
        Field(
            description="Name other nodes know this one by, small letters and digits; unset, it speaks with no other.",
            json_schema_extra=_meaning("本节点名，供上下级节点识别，小写字母与数字；不设则不与其他节点联网。"),
        ),
    ] = ""
    node_title: Annotated[
        str,
        Field(
            description="What people at other nodes call this one; without it, its name.",
            json_schema_extra=_meaning("其他节点上显示的本节点名称；不设则用节点名。"),
        ),
    ] = ""
    node_level: Annotated[
        NodeLevel,
        Field(
            description="Level of this node: province, city, county or enterprise.",
            json_schema_extra=_meaning("本节点层级：province 省、city 市、county 区县、enterprise 企业。"),
        ),
    ] = "city"
    node_division: Annotated[
        str,
        Field(
            description="Division code this node answers for; 000000 is the whole country.",
            json_schema_extra=_meaning("本节点辖区的区划代码；000000 为全国。"),
        ),
    ] = "000000"
    message_gateway: Annotated[
        str,
        Field(
            description="Gateway of texts and calls: https://… or file:///folder; unset, people dial themselves.",
            json_schema_extra=_meaning("短信与电话网关地址：https://… 或 file:///目录；不设则由人工拨打并登记。"),
        ),
    ] = ""
    message_token: Annotated[
        SecretStr | None,
        Field(
            description="Bearer token of that gateway.",
            json_schema_extra=_meaning("该网关的访问令牌。"),
        ),
    ] = None
    duty_phone: Annotated[
        str,
        Field(
            description="Number of the duty commander, told by text when an order is overdue; unset, nobody is told.",
            json_schema_extra=_meaning("值班领导电话；指令逾期时短信通知。不设则不通知。"),
        ),
    ] = ""
    report_font: Annotated[
        Path | None,
        Field(
            description="Font file with Chinese characters for reports (TTF, OTF, TTC); without it the system's own.",
            json_schema_extra=_meaning("报告所用中文字体文件（TTF、OTF、TTC）；不设则查找系统字体。"),
        ),
    ] = None
    video_hosts: Annotated[
        str,
        Field(
            description="Hosts that ONEMAP_VIDEO_URL may name, comma-separated: meet.example.org.",
            json_schema_extra=_meaning("允许的视频会议主机，逗号分隔，例如 meet.example.org。"),
        ),
    ] = ""
    video_url: Annotated[
        str,
        Field(
            description="Address of the video conference shown in consultations as a link; never asked by the server.",
            json_schema_extra=_meaning("会商中显示的外部视频会议链接（https）；本系统只显示，不访问。"),
        ),
    ] = ""
    witness_dir: Annotated[
        Path | None,
        Field(
            description="Folder of the signed heads of the record; best on another disk or owned by another user.",
            json_schema_extra=_meaning("链头见证文件的目录；宜放在另一块盘或归另一个系统用户。不设则在数据目录内。"),
        ),
    ] = None

    archive_dir: Annotated[
        Path | None,
        Field(
            description="Folder that gets the private database's write-ahead log, for restoring to a stated moment.",
            json_schema_extra=_meaning(
                "自带数据库预写日志的归档目录，用于恢复到指定时刻；宜放在另一块盘。不设则不归档。"
            ),
        ),
    ] = None

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        return folder.expanduser().absolute()

    @field_validator("video_url")
    @classmethod
    def _of_a_named_host(cls, url: str, info: ValidationInfo) -> str:
        fault = fault_of(url, hosts_of(str(info.data.get("video_hosts", "")))) if url else ""
        if fault:
            raise ValueError(fault)
        return url

    @property
    def networks_dir(self) -> Path:
        """Folder with one sub-folder for each road network."""
        return self.data_dir / "networks"

    @property
    def witness_folder(self) -> Path:
        """Where the heads of the record are published."""
        return self.witness_dir or self.data_dir / "witness"

    @property
    def cluster_dir(self) -> Path:
        """Folder of the private PostGIS cluster."""
        return self.data_dir / "cluster"

    @property
    def address(self) -> str:
        """Address to open in a browser on this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Every origin a browser may rightly name: our own address under its usual names, and those set."""
        own = [self.address, f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}"]
        further = [origin.strip().rstrip("/") for origin in self.origins.split(",") if origin.strip()]
        return tuple(dict.fromkeys([*own, *further]))


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of `onemap settings`."""

    variable: str
    value: str
    source: Literal["environment", "default"]
    meaning_zh: str
    meaning_en: str


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """
    Read the settings.

    Parameters
    ----------
    environment
        Variables to read instead of the process's own.

    Raises
    ------
    InputError
        One sentence for each variable that cannot be understood.
    """
    try:
        if environment is None:
            return Settings()
        given = {name: value for name in Settings.model_fields if (value := environment.get(f"{PREFIX}{name.upper()}"))}
        return Settings.model_validate({**_defaults(), **given})
    except ValidationError as error:
        raise InputError(
            f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}, got {fault['input']!r}"
            for fault in error.errors()
        ) from None


def _defaults() -> dict[str, Any]:
    return {name: field.default for name, field in Settings.model_fields.items()}


def listing(settings: Settings, environment: Mapping[str, str] | None = None) -> tuple[Setting, ...]:
    """All settings with value (secrets hidden), source and meaning, in the order of their declaration."""
    environment = os.environ if environment is None else environment
    lines = []
    own = sorted(Settings.model_fields, key=lambda name: name in DoorSettings.model_fields)  # those of the door last
    for name in own:
        field = Settings.model_fields[name]
        variable = f"{PREFIX}{name.upper()}"
        value = getattr(settings, name)
        extra = field.json_schema_extra
        lines.append(
            Setting(
                variable=variable,
                value="" if value is None else str(value),
                source="environment" if environment.get(variable) else "default",
                meaning_zh=str(extra["zh"]) if isinstance(extra, dict) else "",
                meaning_en=field.description or "",
            )
        )
    return tuple(lines)


def unknown_variables(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Variables with our prefix that set nothing: most likely misspelt."""
    environment = os.environ if environment is None else environment
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | NOT_SETTINGS
    return tuple(sorted(name for name in environment if name.startswith(PREFIX) and name not in known))
