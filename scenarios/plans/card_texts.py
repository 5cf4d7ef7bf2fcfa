"""What do the response cards 应急处置卡 say? Facts from our tables, advice written here, each with its source."""

from collections.abc import Mapping
from dataclasses import dataclass

from gis.provenance import Trust

ERG = "ERG 2024, Guide {guide} (US DOT PHMSA)"
HOUSE = "本系统编写，须由专家核对 written for this program, to be checked by an expert"

Said = tuple[str, str, str, str, Trust]
"""Section, Chinese, English, source, trust."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A substance of the table that has a card: its key there, the guide of the ERG, and its kind of danger."""

    key: str
    guide: str
    kind: str
    extra: tuple[Said, ...] = ()


_WATER: Said = (
    "leak", "不得直接向泄漏点射水；水幕只用于拦截和稀释气云，废水围收",
    "No water on the leak itself; curtains of water only to "
    "hold and thin the cloud, and keep what runs off", ERG.format(guide="124"), "unverified",
)  # fmt: skip

KINDS: Mapping[str, tuple[Said, ...]] = {
    "toxic_gas": (
        ("isolate", "立即向四周隔离至少 100 m，人员留在上风向，避开低洼处",
         "Isolate at least 100 m in all directions at once; stay upwind and out of low ground", ERG, "unverified"),
        ("isolate", "大量泄漏的首次隔离与防护距离按指南绿页表 1 查取，本卡不抄录",
         "For large spills take the distances from Table 1 (green pages) of the guide; they are not copied here", ERG,
         "unverified"),
        ("protect", "正压式空气呼吸器；进入泄漏区着气密型防化服",
         "Positive-pressure breathing apparatus; gas-tight suits where the gas is", ERG, "unverified"),
        ("leak", "能安全做到时切断气源；容器漏口尽量转向上方，使逸出的是气体而不是液体",
         "Stop the leak if that is safe; turn the container so that gas escapes rather than liquid", ERG, "unverified"),
        ("first_aid", "移至空气新鲜处；呼吸困难给氧；脱去染毒衣物；症状可延迟出现，继续观察",
         "Move to fresh air; oxygen if breathing is hard; take off tainted clothes; effects may come late, so keep "
         "watching", ERG, "unverified"),
        ("first_aid", "皮肤、眼睛接触：立即用洗眼器、喷淋或流动清水洗眼、冲洗至少 20 分钟",
         "Skin or eyes touched: rinse at once with an eyewash, shower or running water for at least 20 minutes", ERG,
         "unverified"),
        ("shelter", "来不及穿出气云的人员就地避险：关门窗、停送风，等待指令",
         "Who cannot get out before the cloud stays indoors: close windows, stop ventilation, wait for word", HOUSE,
         "unverified"),
    ),
    "flammable_gas": (
        ("isolate", "立即向四周隔离至少 100 m；大量泄漏考虑首先下风向撤离 800 m",
         "Isolate at least 100 m in all directions; for a large spill consider 800 m downwind first", ERG,
         "unverified"),
        ("fire", "储罐、槽车着火时向四周隔离 1600 m；火焰烘烤下罐体变色或安全阀啸叫，立即撤离",
         "Tank in a fire: isolate 1600 m all around; leave at once when it discolours or the vent's sound rises", ERG,
         "unverified"),
        ("fire", "泄漏不能止住时不要扑灭气体火焰", "Do not put out a gas fire unless the leak can be stopped", ERG,
         "unverified"),
        ("leak", "清除一切点火源；所用设备接地；用雾状水驱散蒸气，不向液面射水",
         "No ignition sources; ground all equipment; thin vapours with fog, no water on the liquid", ERG,
         "unverified"),
        ("protect", "正压式空气呼吸器；灭火防护服只有有限防护",
         "Positive-pressure breathing apparatus; firefighting clothes protect only in part", ERG, "unverified"),
        ("first_aid", "液化气冻伤处用温水复温，不得揉搓", "Thaw frosted parts with lukewarm water, never rub", ERG,
         "unverified"),
    ),
    "flammable_toxic_liquid": (
        ("isolate", "立即向四周隔离至少 50 m；大量泄漏先考虑下风向扩大",
         "Isolate at least 50 m in all directions; widen downwind for a large spill", ERG, "unverified"),
        ("fire", "储罐、槽车着火时向四周隔离 800 m", "Tank in a fire: isolate 800 m all around", ERG, "unverified"),
        ("fire", "大火用抗溶性泡沫、雾状水；不用直流水",
         "Large fire: alcohol-resistant foam or fog; no straight streams",
         ERG, "unverified"),
        ("leak", "清除点火源；用不燃材料吸附，防止流入下水道和低洼处",
         "No ignition sources; take up with what does not burn, and keep it out of drains and low ground", ERG,
         "unverified"),
        ("protect", "正压式空气呼吸器；防化服", "Positive-pressure breathing apparatus; chemical protective clothing",
         ERG, "unverified"),
        ("first_aid", "皮肤、眼睛接触：立即用洗眼器、喷淋或流动清水洗眼、冲洗至少 20 分钟",
         "Skin or eyes touched: rinse at once with an eyewash, shower or running water for at least 20 minutes", ERG,
         "unverified"),
    ),
}  # fmt: skip
"""Advice common to a kind of danger; where the source is ERG, the guide of the substance is named."""

SUBJECTS: tuple[Subject, ...] = (
    Subject("chlorine", "124", "toxic_gas", (
        _WATER,
        ("hazard", "黄绿色气体，比空气重，沿地面扩散，积于低处；强氧化性，与可燃物剧烈反应",
         "Yellow-green gas heavier than air: runs along the ground and stays in low places; strong oxidiser", ERG,
         "unverified"),
        ("leak", "碱液（氢氧化钠或石灰乳）可吸收；现场须有专人监测",
         "Absorbed by caustic soda or milk of lime; somebody "
         "must measure on the spot", HOUSE, "unverified"),
    )),
    Subject("ammonia", "125", "toxic_gas", (
        ("hazard", "刺激性气体，极易溶于水；冷云可贴地扩散；在密闭空间可燃爆",
         "Pungent gas, very soluble in water; a cold cloud runs along the ground; burns and explodes indoors", ERG,
         "unverified"),
        ("leak", "喷雾水可吸收气相氨；不得向液氨池射水，否则蒸发加剧",
         "Fog takes up the gas; no water on the pool, it would boil faster", ERG, "unverified"),
    )),
    Subject("hydrogen sulfide", "117", "toxic_gas", (
        ("hazard", "剧毒且易燃；高浓度麻痹嗅觉，不能凭气味判断",
         "Very toxic and flammable; numbs the sense of smell, so "
         "smell is no warning", ERG, "unverified"),
    )),
    Subject("sulfur dioxide", "125", "toxic_gas"),
    Subject("hydrogen fluoride", "125", "toxic_gas", (
        ("first_aid", "灼伤须尽早用葡萄糖酸钙处理并送医", "Burns need calcium gluconate early, and a hospital", ERG,
         "unverified"),
    )),
    Subject("phosgene", "125", "toxic_gas", (
        ("first_aid", "肺水肿可延迟数小时出现，接触者一律留观",
         "The lungs may fill hours later: keep everybody exposed "
         "under observation", HOUSE, "unverified"),
    )),
    Subject("carbon monoxide", "119", "toxic_gas", (
        ("hazard", "无色无味，易燃；须靠仪器判断", "Colourless, no smell, flammable; only instruments tell", ERG,
         "unverified"),
    )),
    Subject("propane", "115", "flammable_gas", (
        ("hazard", "液化石油气主要成分；蒸气比空气重，可流至远处点火源回燃",
         "Main part of LPG; vapour heavier than air, may run to a distant flame and flash back", ERG, "unverified"),
    )),
    Subject("methane", "115", "flammable_gas", (
        ("hazard", "液化天然气低温；升温后蒸气比空气轻",
         "LNG is very cold; once warm the vapour is lighter than air", ERG,
         "unverified"),
    )),
    Subject("methanol", "131", "flammable_toxic_liquid", (
        ("fire", "火焰在日光下几乎不可见", "The flame is hardly seen in daylight", ERG, "unverified"),
    )),
    Subject("benzene", "130", "flammable_toxic_liquid"),
)  # fmt: skip
