"""What do the entries of an exercise say in its record?"""

EXERCISES: dict[str, tuple[str, str]] = {
    "event.exercise_started": ("演练开始", "Exercise started"),
    "event.exercise_paused": ("演练暂停", "Exercise paused"),
    "event.exercise_resumed": ("演练继续", "Exercise resumed"),
    "event.exercise_speed_set": ("演练倍速", "Exercise speed"),
    "event.exercise_jumped": ("演练时间跳进", "Exercise time put forward"),
    "event.inject_fired": ("情景注入", "Inject fired"),
    "event.inject_delivered": ("注入生效", "Inject in effect"),
    "event.inject_held": ("注入暂扣", "Inject held"),
    "event.inject_skipped": ("注入跳过", "Inject skipped"),
    "event.inject_improvised": ("临机注入", "Inject improvised"),
    "event.inject_changed": ("注入调整", "Inject changed"),
    "event.exercise_incident_joined": ("事件并入演练", "Incident joined"),
    "event.observation_noted": ("评估记录", "Observation"),
    "event.expectation_judged": ("评估判定", "Expectation judged"),
    "event.capability_rated": ("能力评级", "Capability rated"),
    "event.observation_withdrawn": ("观察撤回", "Observation taken back"),
    "event.sheet_marked": ("评估表打分", "Sheet marked"),
    "event.exercise_ended": ("演练结束", "Exercise ended"),
}
