"""Which control of the protection scheme, level 3, is met by which feature, and which test shows it?"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHAPTERS = {"zh": ROOT / "command_ui/guide/zh/18-protection.md", "en": ROOT / "command_ui/guide/en/18-protection.md"}
MARK = "protection"

CONTROLS: Mapping[str, tuple[str, str, str]] = {
    "01": ("身份鉴别：唯一标识、复杂度、定期更换", "argon2id 口令、强度与历史检查、90 天更换（可设）", ""),
    "02": ("身份鉴别：失败处理、会话限制、超时退出", "5 次失败锁定 15 分钟、30 分钟无操作退出、5 秒内强制下线", ""),
    "03": (
        "身份鉴别：远程管理防窃听",
        "经 TLS 访问时使用 __Host- Cookie 与 HSTS；旧版 TLS 不予连接",
        "TLS 证书与反向代理由部署配置",
    ),
    "04": (
        "身份鉴别：两种鉴别技术，一种为密码技术",
        "指挥长与三员强制动态码（RFC 6238）",
        "国密 USB-Key、商用密码由部署补充",
    ),
    "05": ("访问控制：分配账户与权限", "角色 × 辖区 × 密级；匿名仅见登录页与健康检查", ""),
    "06": ("访问控制：删除默认账户与口令", "首次启动无账户，一次性链接；启动时拒绝默认口令", ""),
    "07": ("访问控制：清理多余、共享账户", "一人一号；90 天未用自动停用", "人员变动的及时停用属管理制度"),
    "08": ("访问控制：管理用户权限分离", "三员互斥，由数据库唯一索引保证", "三员的任命属管理制度"),
    "09": ("访问控制：授权主体配置策略", "仅安全管理员授权与设定策略；全部路由与页面消息均有声明", ""),
    "10": ("访问控制：主体到用户级、客体到记录级", "行级安全（FORCE），连接池不串号", ""),
    "11": ("访问控制：安全标记", "公开、内部、受限三级标记由行级安全执行", ""),
    "12": ("安全审计：覆盖每个用户与重要行为", "登录、未登录访问、拒绝、导出、修改、授权逐条入审计", ""),
    "13": ("安全审计：记录内容完整", "时间、用户、角色、事件、结果、对象、地址、请求编号", ""),
    "14": ("安全审计：保护与备份", "每日散列链、只增不改、不少于 180 天、经 TLS 逐条复制到异地", "日志主机由部署提供"),
    "15": ("安全审计：保护审计进程", "审计写不进则操作不成功；程序内无停用审计的途径", ""),
    "17": ("入侵防范：最小安装", "依赖逐一锁定版本与散列，可列出物料清单（SBOM）", "操作系统最小安装由部署负责"),
    "18": ("入侵防范：关闭不需要的服务与端口", "自带数据库不监听网络端口，仅经本机套接字", "防火墙由部署配置"),
    "19": ("入侵防范：限制管理终端", "", "管理网段限制由反向代理或防火墙配置"),
    "20": ("入侵防范：数据有效性检验", "接口与导入逐项校验；外来文件在无网络、限内存的独立进程中读取", ""),
    "21": ("入侵防范：漏洞修补", "已知有漏洞的版本不得锁定", "漏洞库比对、依赖更新与补丁由运维负责"),
    "22": (
        "入侵防范：入侵检测与告警",
        "猜测口令、反复登录失败、扫描、大量导出、审计被改动：一分钟内（审计校验每十分钟）告警至值班台与审计页",
        "网络层入侵检测由部署负责",
    ),
    "23": ("恶意代码防范", "", "上传文件的病毒查杀由部署负责"),
    "24": ("可信验证", "", "可信根由部署负责"),
    "25": ("数据完整性：传输", "来源精确校验、CSRF 令牌", "TLS 由部署配置"),
    "26": ("数据完整性：存储", "指挥记录与审计散列链，独立程序校验", ""),
    "27": ("数据保密性：传输", "反向代理示例只接受 TLS 1.2、1.3，明文访问转至 TLS", "TLS 证书由部署配置"),
    "28": (
        "数据保密性：存储",
        "口令散列、动态码密钥加密、恢复码散列、会话只存散列",
        "程序内未做个人信息字段加密：部署须对数据盘与备份加密",
    ),
    "29": (
        "数据备份恢复：本地",
        "备份、恢复到指定时刻并逐一比对链头（onemap db backup、restore）",
        "备份的保管与演练由运维执行",
    ),
    "30": (
        "数据备份恢复：异地实时",
        "数据库同步流复制，已确认的记录不丢；审计逐条复制到异地",
        "异地机房与线路由部署提供，复制延迟的告警由运维配置",
    ),
    "31": ("数据备份恢复：热冗余", "主库毁坏后由备库接管，应用自动改连", "备机与切换由部署提供"),
    "32": (
        "剩余信息保护：鉴别信息",
        "退出即删除服务端会话并清除浏览器存储",
        "浏览器只在 TLS（或本机）访问时执行清除；Python 不保证内存清零",
    ),
    "33": ("剩余信息保护：敏感数据", "交来的文件闲置一小时即删除，重启时清除遗留", "存储介质清除由部署负责"),
    "34": ("个人信息保护：最少采集", "个人信息字段逐列登记用途，未登记则测试不通过", ""),
    "35": ("个人信息保护：禁止未授权访问", "姓名与号码在离开数据库处遮盖，有权者逐条查看并留痕", ""),
}
"""Number L3-CES1-nn of GB/T 28448 (wording second-hand) -> control, feature, what is left to deployment."""

_HEAD = {
    "zh": (
        "# 等级保护三级对照\n\n本表由测试中的标记生成，不能手改：某项后没有测试，就是没有测试证明。"
        "编号为测评项 L3-CES1-nn，条文为转述，未与标准原文核对；本表不是合规声明。\n\n"
        "| 编号 | 控制项 | 功能 | 测试 | 部署须补充 |\n|---|---|---|---|---|\n"
    ),
    "en": (
        "# Protection scheme, level 3\n\nThis table is written from marks on the tests and cannot be edited by hand: "
        "where no test stands, none shows it. Numbers are those of the assessment items L3-CES1-nn; the wording is "
        "second-hand and this is no claim of compliance. The controls are named in Chinese, as the scheme does.\n\n"
        "| Number | Control | Feature | Tests | Left to deployment |\n|---|---|---|---|---|\n"
    ),
}


def shown_by() -> dict[str, list[str]]:
    """Control -> names of the tests that are marked with it, from their source."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                for number in _marks(node):
                    found.setdefault(number, []).append(f"{path.stem}::{node.name}")
    return found


def chapter(language: str) -> str:
    """The chapter as it must stand in the guide."""
    tests = shown_by()
    lines = []
    for number, (control, feature, deployment) in CONTROLS.items():
        named = " ".join(f"`{one}`" for one in tests.get(number, [])) or ("无" if language == "zh" else "none")
        lines.append(f"| {number} | {control} | {feature or '—'} | {named} | {deployment or '—'} |\n")
    return _HEAD[language] + "".join(lines)


def _marks(node: ast.FunctionDef) -> Iterator[str]:
    if {str(getattr(getattr(one, "func", one), "attr", "")) for one in node.decorator_list} & {"skip", "xfail"}:
        return  # a test that does not run, or may fail, shows nothing
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == MARK:
            yield from (str(one.value) for one in mark.args if isinstance(one, ast.Constant))


if __name__ == "__main__":
    for language, path in CHAPTERS.items():
        path.write_text(chapter(language), encoding="utf-8")
    sys.stderr.write("the chapter of the protection scheme renewed\n")
