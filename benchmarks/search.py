"""How long does the search box wait? Questions of every kind over HTTP against a running server with 60 000 rows."""

import argparse
import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np

NAMES = ("恒泽机械", "演练恒", "机械有限公司", "演练化工一厂", "金属", "泽", "演练")
KINDS: dict[str, tuple[str, ...]] = {
    "name": NAMES,
    "part of a name, two characters": ("恒泽", "盛源", "制品", "电气"),
    "initials": ("ylhg", "ylhgyc", "hz", "jxyx", "zz"),
    "pinyin": ("hengze", "huagong", "yanlian"),
    "address": ("科技路", "滨江区 科技路", "高新二路 18"),
    "credit code": ("9199", "91990000", "91990000YL0000017R"),
    "division": ("滨江区", "990102", "南圩镇"),
    "coordinate": ("118.7124, 31.4087", "118°42′44.6″E 31°24′31.3″N", "40377123 3476543"),
    "substance": ("液氯", "UN1005", "7664-41-7", "甲醇"),
    "nothing": ("没有这个地方", "qqqxxx", "%_%"),
}


def main() -> None:
    """Print median, p95 and worst per kind and over all, alone and with several askers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("origin", help="http://127.0.0.1:5006")
    parser.add_argument("name")
    parser.add_argument("password")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--askers", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with httpx.Client(base_url=given.origin, timeout=30) as client:
        token = client.post("/api/v1/sessions", json={"name": given.name, "password": given.password}).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"

        def ask(text: str) -> float:
            began = time.perf_counter()
            answer = client.get("/api/v1/search", params={"q": text, "longitude": 118.71, "latitude": 31.41})
            answer.raise_for_status()
            return 1000 * (time.perf_counter() - began)

        for texts in KINDS.values():
            ask(texts[0])
        alone = {kind: [ask(text) for _ in range(given.rounds) for text in texts] for kind, texts in KINDS.items()}
        mixed = [text for texts in KINDS.values() for text in texts] * given.rounds
        random.Random(1).shuffle(mixed)
        with ThreadPoolExecutor(given.askers) as pool:
            together = list(pool.map(ask, mixed))
    lines = {
        **alone,
        "all, one asker": [ms for took in alone.values() for ms in took],
        f"all, {given.askers} askers": together,
    }
    found = {kind: [float(np.percentile(took, share)) for share in (50, 95, 100)] for kind, took in lines.items()}
    if given.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for kind, (median, p95, worst) in found.items():
        print(f"{kind:<34}{median:8.1f}{p95:8.1f}{worst:8.1f} ms  ({len(lines[kind])})")


if __name__ == "__main__":
    sys.exit(main())
