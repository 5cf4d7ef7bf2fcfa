"""How did the exercise run, in one picture? Injects, windows of response and ratings along its clock."""

import io
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from command_ui.console.theme import colours
from command_ui.reports.fonts import Faces
from command_ui.words import Language, say
from scenarios.exercise.clock import shown

Json = dict[str, Any]
WIDTH, HEIGHT = 1600, 672
_FINE = 2
_LEFT, _RIGHT = 170, 70
_ROWS = {"inject": 125, "response": 350, "rating": 600}
_STEPS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_TONE = {"met": "ok", "late": "warn", "missed": "danger", "open": "drill", "not_called": "borderStrong"}
_SOFT = {"met": "okSoft", "late": "warnSoft", "missed": "dangerSoft", "open": "drillSoft"}
_RATING = {"P": "ok", "S": "primary", "M": "warn", "U": "danger"}
_LANES = 9


def chart(look: Json, faces: Faces, language: Language) -> bytes:
    """
    Draw the time chart of an exercise as PNG, 1600 x 672 pixels, in light colours for paper.

    Parameters
    ----------
    look
        As `command_ui.exercises.looking.whole` gives it.
    """
    paint = colours("light")
    size = (WIDTH * _FINE, HEIGHT * _FINE)
    image = Image.new("RGB", size, paint["surface"])
    pen = ImageDraw.Draw(image)

    def font(px: int, *, strong: bool = False) -> Any:
        face = faces.strong if strong else faces.text
        return ImageFont.truetype(face.path, px * _FINE, index=face.number)

    small, bold = font(24), font(24, strong=True)
    hopes = [hope for one in look["injects"] for hope in one["hopes"]] + list(look["loose"])
    placed = [(_when(one), one) for one in look["injects"] if _when(one) is not None]
    ends = [hope["deadline_s"] or 0 for hope in hopes] + [hope["done_s"] or 0 for hope in hopes]
    whole = max([60.0, look["length_s"], look["clock"]["elapsed_s"], *ends, *(at for at, _ in placed)]) * 1.02

    def x(seconds: float) -> float:
        return float((_LEFT + (WIDTH - _LEFT - _RIGHT) * seconds / whole) * _FINE)

    step = next((one for one in _STEPS_S if whole / one <= 12), _STEPS_S[-1])
    for number in range(int(whole // step) + 1):
        at = x(number * step)
        pen.line([(at, 66 * _FINE), (at, (HEIGHT - 24) * _FINE)], fill=paint["border"], width=_FINE)
        pen.text((at, 34 * _FINE), shown(number * step), font=small, fill=paint["text3"], anchor="mm")
    for row, y in _ROWS.items():
        name = say(f"drill.axis.{row}", language)
        pen.text((22 * _FINE, y * _FINE), name, font=bold, fill=paint["text2"], anchor="lm")
    _windows(pen, hopes, x, paint)
    last = -1e9
    for at, one in sorted(placed, key=lambda pair: pair[0]):
        real, y = x(at), _ROWS["inject"] * _FINE
        last = max(real, last + 54 * _FINE)
        if last > real + _FINE:
            pen.line([(real, y + 46 * _FINE), (last, y + 24 * _FINE)], fill=paint["borderStrong"], width=2 * _FINE)
        sent = one["sent_s"] is not None
        edge = paint["danger" if one["phase"] == "failed" else "ok" if sent else "borderStrong"]
        radius = 24 * _FINE
        box = [last - radius, y - radius, last + radius, y + radius]
        pen.ellipse(box, fill=paint["surface"], outline=edge, width=3 * _FINE)
        pen.text((last, y), one["number"], font=bold, fill=paint["text"], anchor="mm")
        if one["rating"]:
            tone = _RATING[one["rating"]]
            top, half = _ROWS["rating"] * _FINE, 20 * _FINE
            square = [last - half, top - half, last + half, top + half]
            pen.rounded_rectangle(square, 5 * _FINE, fill=paint[f"{tone}Soft"], outline=paint[tone], width=2 * _FINE)
            pen.text((last, top), one["rating"], font=bold, fill=paint[tone], anchor="mm")
    if look["state"] != "running":
        at = x(look["clock"]["elapsed_s"])
        pen.line([(at, 66 * _FINE), (at, (HEIGHT - 24) * _FINE)], fill=paint["drill"], width=3 * _FINE)
    out = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _when(one: Json) -> Any:
    return one["sent_s"] if one["sent_s"] is not None else one["due_s"]


def _windows(pen: Any, hopes: list[Json], x: Any, paint: Any) -> None:
    """Windows on as many lanes as they need, so that none hides another, with a diamond where the deed was done."""
    free = [0.0] * _LANES
    known = [one for one in hopes if one["deadline_s"] is not None]
    known.sort(key=lambda one: one["deadline_s"] - one["within_s"])
    high = 26 * _FINE
    for one in known:
        start, end = x(one["deadline_s"] - one["within_s"]), x(one["deadline_s"])
        lane = next((at for at, until in enumerate(free) if until <= start), min(range(_LANES), key=free.__getitem__))
        done = x(one["done_s"]) if one["done_s"] is not None else end
        free[lane] = max(end, done) + 14 * _FINE
        y = (_ROWS["response"] - 120) * _FINE + lane * (high + 8 * _FINE)
        tone = paint[_TONE[one["state"]]]
        soft = paint[_SOFT.get(one["state"], "sunken")]
        box = [start, y, max(end, start + 6 * _FINE), y + high]
        pen.rounded_rectangle(box, 5 * _FINE, fill=soft, outline=tone, width=2 * _FINE)
        if one["done_s"] is not None:
            middle, half = y + high / 2, 10 * _FINE
            pen.polygon([(done, middle - half), (done + half, middle), (done, middle + half), (done - half, middle)],
                        fill=paint["text"])  # fmt: skip
