"""
What do the tables of GB 18218-2018 say, and how far has each value been checked?

Typed from a machine-read public copy of the standard; no value has been held against the printed text yet, and each
says so. A class beside a substance of table 1 is ours, from its GHS class, wherever that leaves no doubt about beta;
where the cell is empty the class must be given with the quantity.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from gis.provenance import Trust

SOURCE = "GB 18218-2018"


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One substance of table 1, with its beta.

    Attributes
    ----------
    number
        Its line in table 1; 0 for one that only table 3 names.
    cas
        First CAS number of the line; empty where the standard gives none.
    beta
        Table 3 or, by class, table 4; None where the class has to be given.
    threshold_t
        Q in t; None where the class gives it.
    threshold_trust, beta_trust
        Each value's own; ``derived`` is a beta that follows from our reading of the class.
    """

    number: int
    name: str
    aliases: tuple[str, ...]
    cas: str
    un: str
    english: str
    beta: Fraction | None
    beta_table: str
    threshold_t: Fraction | None
    threshold_trust: Trust
    beta_trust: Trust

    @property
    def short_name(self) -> str:
        """Name without what the standard adds in brackets or after a comma."""
        return re.split("[（(，]", self.name)[0]


# Line of table 1, name, aliases, CAS numbers, Q in t, class of table 4 where no doubt is left.
_TABLE_1: tuple[tuple[int, str, str, str, str, str], ...] = (
    (1, "氨", "液氨；氨气", "7664-41-7", "10", ""),
    (2, "二氟化氧", "一氧化二氟", "7783-41-7", "1", ""),
    (3, "二氧化氮", "", "10102-44-0", "1", ""),
    (4, "二氧化硫", "亚硫酸酐", "7446-09-5", "20", ""),
    (5, "氟", "", "7782-41-4", "1", ""),
    (6, "碳酰氯", "光气", "75-44-5", "0.3", ""),
    (7, "环氧乙烷", "氧化乙烯", "75-21-8", "10", ""),
    (8, "甲醛（含量＞90%)", "蚁醛", "50-00-0", "5", ""),
    (9, "磷化氢", "磷化三氢；膦", "7803-51-2", "1", ""),
    (10, "硫化氢", "", "7783-06-4", "5", ""),
    (11, "氯化氢（无水）", "", "7647-01-0", "20", ""),
    (12, "氯", "液氯；氯气", "7782-50-5", "5", ""),
    (13, "煤气(CO,CO和H2、CH4的混合物等）", "", "", "20", ""),
    (14, "砷化氢", "砷化三氢；胂", "7784-42-1", "1", ""),
    (15, "锑化氢", "三氢化锑；锑化三氢", "7803-52-3", "1", ""),
    (16, "硒化氢", "", "7783-07-5", "1", ""),
    (17, "溴甲烷", "甲基溴", "74-83-9", "10", ""),
    (18, "丙酮氰醇", "丙酮合氰化氢；2-羟基异丁腈；氰丙醇", "75-86-5", "20", ""),
    (19, "丙烯醛", "烯丙醛；败脂醛", "107-02-8", "20", ""),
    (20, "氟化氢", "", "7664-39-3", "1", ""),
    (21, "1-氯-2,3-环氧丙烷", "环氧氯丙烷(3-氯-1,2-环氧丙烷）", "106-89-8", "20", ""),
    (22, "3-溴-1,2-环氧丙烷", "环氧溴丙烷；溴甲基环氧乙烷；表溴醇", "3132-64-7", "20", ""),
    (23, "甲苯二异氰酸酯", "二异氰酸甲苯酯；TDI", "26471-62-5", "100", ""),
    (24, "一氯化硫", "氯化硫", "10025-67-9", "1", ""),
    (25, "氰化氢", "无水氢氰酸", "74-90-8", "1", ""),
    (26, "三氧化硫", "硫酸酐", "7446-11-9", "75", ""),
    (27, "3-氨基丙烯", "烯丙胺", "107-11-9", "20", ""),
    (28, "溴", "溴素", "7726-95-6", "20", ""),
    (29, "乙撑亚胺", "吖丙啶；1-氮杂环丙烷；氮丙啶", "151-56-4", "20", ""),
    (30, "异氰酸甲酯", "甲基异氰酸酯", "624-83-9", "0.75", ""),
    (31, "叠氮化钡", "叠氮钡", "18810-58-7", "0.5", ""),
    (32, "叠氮化铅", "", "13424-46-9", "0.5", ""),
    (33, "雷汞", "二雷酸汞；雷酸汞", "628-86-4", "0.5", ""),
    (34, "三硝基苯甲醚", "三硝基茴香醚", "28653-16-9", "5", ""),
    (35, "2,4,6-三硝基甲苯", "梯恩梯；TNT", "118-96-7", "5", ""),
    (36, "硝化甘油", "硝化丙三醇；甘油三硝酸酯", "55-63-0", "1", ""),
    (37, "硝化纤维素［干的或含水（或乙醇）<25%]", "硝化棉", "9004-70-0", "1", ""),
    (38, "硝化纤维素（未改型的，或增塑的，含增塑剂<18%)", "硝化棉", "9004-70-0", "1", ""),
    (39, "硝化纤维素（含乙醇≥25%)", "硝化棉", "9004-70-0", "10", ""),
    (40, "硝化纤维素（含氮≤12.6%)", "硝化棉", "9004-70-0", "50", ""),
    (41, "硝化纤维素（含水≥25%)", "硝化棉", "9004-70-0", "50", ""),
    (42, "硝化纤维素溶液（含氮量≤12.6%,含硝化纤维素≤55%)", "硝化棉溶液", "9004-70-0", "50", ""),
    (43, "硝酸铵（含可燃物＞0.2%,包括以碳计算的任何有机物，但不包括任何其他添加剂）", "", "6484-52-2", "5", ""),
    (44, "硝酸铵（含可燃物≤0.2%)", "", "6484-52-2", "50", ""),
    (45, "硝酸铵肥料（含可燃物≤0.4%)", "", "", "200", ""),
    (46, "硝酸钾", "", "7757-79-1", "1000", ""),
    (47, "1,3-丁二烯", "联乙烯", "106-99-0", "5", "W2"),
    (48, "二甲醚", "甲醚", "115-10-6", "50", "W2"),
    (49, "甲烷，天然气", "", "74-82-8 8006-14-2", "50", "W2"),
    (50, "氯乙烯", "乙烯基氯", "75-01-4", "50", "W2"),
    (51, "氢", "氢气", "1333-74-0", "5", "W2"),
    (
        52,
        "液化石油气（含丙烷、丁烷及其混合物）",
        "石油气（液化的）；液化气；LPG",
        "68476-85-7 74-98-6 106-97-8",
        "50",
        "W2",
    ),
    (53, "一甲胺", "氨基甲烷；甲胺", "74-89-5", "5", "W2"),
    (54, "乙炔", "电石气", "74-86-2", "1", "W2"),
    (55, "乙烯", "", "74-85-1", "50", "W2"),
    (56, "氧（压缩的或液化的）", "液氧；氧气", "7782-44-7", "200", "W4"),
    (57, "苯", "纯苯", "71-43-2", "50", "W5.3"),
    (58, "苯乙烯", "乙烯苯", "100-42-5", "500", "W5.3"),
    (59, "丙酮", "二甲基酮", "67-64-1", "500", "W5.3"),
    (60, "2-丙烯腈", "丙烯腈；乙烯基氰；氰基乙烯", "107-13-1", "50", ""),
    (61, "二硫化碳", "", "75-15-0", "50", ""),
    (62, "环己烷", "六氢化苯", "110-82-7", "500", "W5.3"),
    (63, "1,2-环氧丙烷", "氧化丙烯；甲基环氧乙烷", "75-56-9", "10", "W5.1"),
    (64, "甲苯", "甲基苯；苯基甲烷", "108-88-3", "500", "W5.3"),
    (65, "甲醇", "木醇；木精", "67-56-1", "500", "W5.3"),
    (66, "汽油（乙醇汽油、甲醇汽油）", "", "86290-81-5", "200", "W5.3"),
    (67, "乙醇", "酒精", "64-17-5", "500", "W5.3"),
    (68, "乙醚", "二乙基醚", "60-29-7", "10", "W5.1"),
    (69, "乙酸乙酯", "醋酸乙酯", "141-78-6", "500", "W5.3"),
    (70, "正己烷", "己烷", "110-54-3", "500", "W5.3"),
    (71, "过乙酸", "过醋酸；过氧乙酸；乙酰过氧化氢", "79-21-0", "10", ""),
    (72, "过氧化甲基乙基酮(10%<有效氧含量≤10.7%,含A型稀释剂≥48%)", "", "1338-23-4", "10", ""),
    (73, "白磷", "黄磷", "12185-10-3", "50", ""),
    (74, "烷基铝", "三烷基铝", "", "1", ""),
    (75, "戊硼烷", "五硼烷", "19624-22-7", "1", ""),
    (76, "过氧化钾", "", "17014-71-0", "20", ""),
    (77, "过氧化钠", "双氧化钠；二氧化钠", "1313-60-6", "20", ""),
    (78, "氯酸钾", "", "3811-04-9", "100", ""),
    (79, "氯酸钠", "", "7775-09-9", "100", ""),
    (80, "发烟硝酸", "", "52583-42-3", "20", ""),
    (81, "硝酸（发红烟的除外，含硝酸＞70%)", "", "7697-37-2", "100", ""),
    (82, "硝酸胍", "硝酸亚氨脲", "506-93-4", "50", ""),
    (83, "碳化钙", "电石", "75-20-7", "100", ""),
    (84, "钾", "金属钾", "7440-09-7", "1", ""),
    (85, "钠", "金属钠", "7440-23-5", "10", ""),
)

# CAS -> beta of the toxic gases that table 3 names.
_TABLE_3: Mapping[str, int] = {
    "630-08-0": 2, "7446-09-5": 2, "7664-41-7": 2, "75-21-8": 2, "7647-01-0": 3, "74-83-9": 3, "7782-50-5": 4,
    "7783-06-4": 5, "7664-39-3": 5, "10102-44-0": 10, "74-90-8": 10, "75-44-5": 20, "7803-51-2": 20, "624-83-9": 20,
}  # fmt: skip

# CAS -> UN number (GB 12268) and English name, for those a person asks for by them.
_KNOWN_AS: Mapping[str, tuple[str, str]] = {
    "7664-41-7": ("1005", "ammonia"), "7782-50-5": ("1017", "chlorine"), "75-44-5": ("1076", "phosgene"),
    "7446-09-5": ("1079", "sulphur dioxide"), "7647-01-0": ("1050", "hydrogen chloride"),
    "75-21-8": ("1040", "ethylene oxide"), "624-83-9": ("2480", "methyl isocyanate"),
    "7783-06-4": ("1053", "hydrogen sulphide"), "7803-51-2": ("2199", "phosphine"),
    "630-08-0": ("1016", "carbon monoxide"), "74-83-9": ("1062", "methyl bromide"),
    "7664-39-3": ("1052", "hydrogen fluoride"), "10102-44-0": ("1067", "nitrogen dioxide"),
    "74-90-8": ("1051", "hydrogen cyanide"), "68476-85-7": ("1075", "LPG"), "74-82-8": ("1971", "methane"),
    "74-86-2": ("1001", "acetylene"), "67-56-1": ("1230", "methanol"), "71-43-2": ("1114", "benzene"),
    "86290-81-5": ("1203", "gasoline"), "1333-74-0": ("1049", "hydrogen"), "7782-44-7": ("1072", "oxygen"),
    "74-85-1": ("1962", "ethylene"), "106-99-0": ("1010", "butadiene"), "75-01-4": ("1086", "vinyl chloride"),
    "108-88-3": ("1294", "toluene"), "67-64-1": ("1090", "acetone"), "64-17-5": ("1170", "ethanol"),
    "7726-95-6": ("1744", "bromine"), "107-02-8": ("1092", "acrolein"), "107-13-1": ("1093", "acrylonitrile"),
    "75-15-0": ("1131", "carbon disulphide"), "7782-41-4": ("1045", "fluorine"), "7784-42-1": ("2188", "arsine"),
}  # fmt: skip

CLASSES: Mapping[str, tuple[Fraction, Fraction]] = {
    code: (Fraction(beta), Fraction(threshold))
    for code, beta, threshold in (
        ("J1", "4", "5"), ("J2", "1", "50"), ("J3", "2", "50"), ("J4", "2", "50"), ("J5", "1", "500"),
        ("W1.1", "2", "1"), ("W1.2", "2", "10"), ("W1.3", "2", "50"), ("W2", "1.5", "10"), ("W3", "1", "150"),
        ("W4", "1", "50"), ("W5.1", "1.5", "10"), ("W5.2", "1", "50"), ("W5.3", "1", "1000"), ("W5.4", "1", "5000"),
        ("W6.1", "1.5", "10"), ("W6.2", "1", "50"), ("W7.1", "1.5", "10"), ("W7.2", "1", "50"), ("W8", "1", "50"),
        ("W9.1", "1", "50"), ("W9.2", "1", "200"), ("W10", "1", "200"), ("W11", "1", "200"),
    )
}  # fmt: skip
"""Class of table 4 -> (beta, Q in t of table 2), for substances not named; each ``one_source``."""
CLASS_TRUST: Trust = "one_source"

ALPHA: tuple[tuple[int, Fraction], ...] = (
    (100, Fraction(2)), (50, Fraction(3, 2)), (30, Fraction(6, 5)), (1, Fraction(1)), (0, Fraction(1, 2)),
)  # fmt: skip
"""Least number of people within 500 m -> alpha (table 5), the most people first."""

LEVELS: tuple[tuple[int, int], ...] = ((1, 100), (2, 50), (3, 10))
"""Level -> least R (table 6); below the last it is level 4."""


def _entry(number: int, name: str, aliases: str, cas: str, threshold: str, hazard_class: str) -> Entry:
    first = cas.split(" ")[0]
    named = _TABLE_3.get(first)
    by_class = CLASSES[hazard_class][0] if hazard_class else None
    un, english = _KNOWN_AS.get(first, ("", ""))
    return Entry(
        number=number,
        name=name,
        aliases=tuple(alias for alias in aliases.split("；") if alias),
        cas=first,
        un=un,
        english=english,
        beta=Fraction(named) if named is not None else by_class,
        beta_table="3" if named is not None else "4" if hazard_class else "",
        threshold_t=Fraction(threshold) if threshold else None,
        threshold_trust="one_source",
        beta_trust="one_source" if named is not None else "derived",
    )


TABLE_1: tuple[Entry, ...] = tuple(_entry(*line) for line in _TABLE_1)
"""All 85 lines of table 1, in its order."""

SUBSTANCES: Mapping[str, Entry] = {
    entry.cas: entry
    # Carbon monoxide stands in table 3 alone: as a substance its Q goes by class, mixed as coal gas it is line 13.
    for entry in (*TABLE_1, _entry(0, "一氧化碳", "", "630-08-0", "", ""))
    if entry.cas and sum(other.cas == entry.cas for other in TABLE_1) <= 1
}
"""CAS number -> entry, where the number names one line of table 1 only."""


def entry_of(code: str) -> Entry | None:
    """
    Entry of a CAS number or of a line of table 1 written ``1-37``; None when there is none or the number names several.

    Examples
    --------
    >>> entry_of("7782-50-5").name, entry_of("1-43").threshold_t, entry_of("6484-52-2")
    ('氯', Fraction(5, 1), None)
    """
    table, _, line = code.partition("-")
    if table == "1" and line.isdigit() and 1 <= int(line) <= len(TABLE_1):
        return TABLE_1[int(line) - 1]
    return SUBSTANCES.get(code)


def lines_of(cas: str) -> tuple[str, ...]:
    """
    Lines of table 1 that bear a CAS number, written as `entry_of` takes them.

    Examples
    --------
    >>> lines_of("6484-52-2")
    ('1-43', '1-44')
    """
    return tuple(f"1-{entry.number}" for entry in TABLE_1 if entry.cas == cas)
