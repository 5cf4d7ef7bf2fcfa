"""How is a drill said in Chinese and in English? In its own texts, and in the words of the house for the rest."""

from collections.abc import Mapping

from command_ui.words import Language, say
from scenarios.exercise.clock import shown
from scenarios.exercise.drill import Drill, Inject


def in_language(one: object, name: str, language: Language) -> str:
    """A text of a drill in a language; Chinese where there is no English one."""
    chinese = str(getattr(one, name))
    return (str(getattr(one, f"{name}_en")) or chinese) if language == "en" else chinese


def kind_title(one: Inject, language: Language) -> str:
    """What kind of inject it is."""
    return say(f"drill.kind.{one.kind}", language)


def role_names(drill: Drill, language: Language) -> Mapping[str, str]:
    """Role -> its name."""
    return {one.id: in_language(one, "name", language) for one in drill.roles}


def condition_text(one: Inject, lapsed: bool, drill: Drill, language: Language) -> str:
    """What an inject waits for, in words; empty where it is only a time."""
    when, parts = one.when, []
    if lapsed:
        return say("drill.if.lapsed", language)
    if when.by_hand:
        return say("drill.if.by_hand", language)
    if when.after:
        numbers = {inject.id: f"{at:02d}" for at, inject in enumerate(drill.injects, 1)}
        parts.append(
            say("drill.if.after", language, inject=numbers.get(when.after, when.after), time=shown(when.delay_s))
        )
    for names, code in ((when.done, "drill.if.done"), (when.not_done, "drill.if.not_done")):
        for name in names:
            found = drill.expectation(name)
            parts.append(say(code, language, what=in_language(found, "title", language) if found else name))
    return "；".join(parts) if language == "zh" else "; ".join(parts)
