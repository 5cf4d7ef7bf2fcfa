"""Which limits and warnings do the models give as codes, and what do those mean?"""

NOTES: dict[str, tuple[str, str]] = {
    "note.flammable_averaging_10_s": ("可燃分区按 10 秒平均", "flammable zones use a 10 s average"),
    "note.calm_wind_direction_unknown": ("静风，风向不定", "calm: wind direction unknown"),
    "note.level_not_reached": ("{value} 未达到", "{value} is not reached"),
    "note.level_missing": ("该物质无 {value} 值", "no {value} for this substance"),
    "note.level_withheld": ("{value} 未采用", "{value} not used"),
    "note.zone_beyond_10_km": ("分区超出 10 km，远处仅供参考", "zones beyond 10 km are only indicative"),
    "note.no_terrain": ("未计地形与建筑绕流", "terrain and buildings are not modelled"),
    "note.population_missing": ("该地区无人口数据", "no population data here"),
    "note.no_people_data": ("该地区无人口数据", "no population data here"),
    "note.no_roads": ("该地区无路网", "no road network here"),
    "note.no_shelters": ("该地区无避难所数据", "no shelters known here"),
    "note.no_teams": ("该地区无救援队伍数据", "no teams known here"),
    "note.flat_open_terrain": ("按平坦地面计算，未计建筑绕流", "flat ground, no buildings"),
}
