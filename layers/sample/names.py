"""What are the fictional firms, schools and people of the city called?"""

from collections.abc import Mapping

MARK = "演练"
SOURCE = "演练数据"

BRAND_FIRST = "恒泽云瀚锦岚泓峻澄曜钧岱沐翊晟骁霁珩璟铎墨砺启腾拓臻驰宸灏昱朗耀凌硕尧岑颢旻彦奕垚焱淼喆翰葳蕴漪潼"
BRAND_SECOND = "川泰远达信诚邦盛源华隆昌兴顺康宁通和瑞祥丰茂利德明正新方圆力拓舟帆岳岭峰原野润泉森林苑创联众"

TRADES: Mapping[str, tuple[str, ...]] = {
    "34": ("精密机械", "轴承", "泵阀", "减速机", "机床", "液压", "传动设备", "工业风机"),
    "35": ("农业机械", "工程机械", "模具", "环保设备", "包装机械", "医疗器械"),
    "36": ("汽车零部件", "车灯", "座椅", "制动系统", "轮毂"),
    "38": ("电机", "变压器", "电缆", "开关设备", "蓄电池", "照明电器"),
    "31": ("钢管", "特种钢", "铸造", "轧钢", "线材"),
    "32": ("铝业", "铜材", "有色合金", "锌制品"),
    "33": ("金属制品", "五金", "钢结构", "紧固件", "不锈钢制品", "热处理"),
    "26": ("化工", "涂料", "助剂", "精细化学", "树脂", "日化", "气体"),
    "30": ("建材", "玻璃", "陶瓷", "水泥制品", "耐火材料", "石材"),
    "39": ("电子", "光电", "半导体", "线路板", "显示器件", "传感器"),
    "17": ("纺织", "印染", "针织", "色纺"),
    "18": ("服饰", "制衣", "羽绒制品"),
    "14": ("食品", "冷冻食品", "乳品", "饮料", "粮油"),
    "20": ("木业", "家具", "地板", "人造板"),
    "29": ("塑料制品", "橡胶", "注塑", "包装材料", "薄膜"),
    "23": ("印刷", "彩印", "纸品"),
}
"""Division of GB/T 4754 -> words a firm of it carries in its name."""

SUFFIX: Mapping[str, str] = {"large": "集团有限公司", "medium": "股份有限公司", "small": "有限公司", "micro": "厂"}

PLACE_WORDS = (
    "松湾", "柏坪", "竹溪", "梅园", "兰浦", "桂苑", "枫桥头", "榆林里", "槐荫", "柳岸", "桑田", "荷风", "菱塘",
        "苇荡", "芦汀",
    "棠梨", "桃坞", "杏坪", "榴园", "莲渚", "云栖里", "霞浦里", "岚亭", "汀洲里", "泉里", "青禾", "白鹭", "晨光",
        "望江", "临湖",
)  # fmt: skip
NUMBERS = "一二三四五六七八九"


def numeral(number: int) -> str:
    """
    Chinese numeral of 1 to 99.

    Examples
    --------
    >>> [numeral(number) for number in (3, 10, 15, 42)]
    ['三', '十', '十五', '四十二']
    """
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{NUMBERS[tens - 1]}十"
    return head + (NUMBERS[ones - 1] if ones else "")


def phone(number: int) -> str:
    """Eleven digits beginning with 100, which no mobile number does."""
    return f"100{number:08d}"


def person(number: int) -> str:
    """A role and a number: nobody's name."""
    return f"演练员{number:05d}"
