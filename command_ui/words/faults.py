"""Why did something not work, said to an officer in one sentence?"""

FAULTS: dict[str, tuple[str, str]] = {
    "why.error": ("未能完成，请重试或联系系统管理员", "Not done; try again or call the administrator"),
    "why.bad_input": ("按这些输入无法计算，请核对源项与气象", "Cannot be computed from this; check source and weather"),
    "why.out_of_range": ("超出模型适用范围，请核对输入", "Beyond the range of the model; check what was given"),
    "why.not_found": ("所指的内容不存在或不在您的权限内", "It is not there, or not yours to see"),
    "why.conflict": ("情况已有变化，请查看最新状态后再试", "It has changed meanwhile; look again and retry"),
    "why.refused": ("您的角色无权进行此操作", "Your role may not do this"),
    "why.unavailable": ("所需服务暂不可用，其余功能不受影响", "A service does not answer; everything else works"),
    "why.overdrawn": (
        "{what}共 {there}，这样将占用 {asked}；占用者：{holders}。请先归还，或另选一库",
        "{what}: {asked} would be held and there is {there}; held by {holders}. Return some or take another",
    ),
    "why.not_usable": (
        "{what}不可用（维修或过期），请另选",
        "{what} cannot be used (in repair or expired); take another",
    ),
    "why.holds_less": ("本事件只占用 {holds}，不能归还 {asked}", "The incident holds {holds}, not {asked}"),
    "why.message_done": ("{what} 已有结果，请查看", "What came of {what} is known already; look at it"),
    "why.message_by_hand": (
        "{what} 由人工拨打：请拨打后登记",
        "{what} is dialled by hand: dial, then note what was said",
    ),
    "why.phone": (
        "号码只能是 2 至 25 位数字、空格、括号、短横",
        "A number is 2 to 25 digits, blanks, brackets, dashes",
    ),
    "why.field": ("某项输入", "a value"),
    "why.too_much": (
        "泄漏量 {released} kg 超过罐内存量 {content} kg，请减小泄漏量或更正存量",
        "{released} kg are released, the tank holds {content} kg",
    ),
    "why.no_fit": (
        "罐最多装 {most} kg{name}，装不下 {content} kg，请更正存量或罐的尺寸",
        "the tank holds {most} kg of {name} at most, not {content} kg",
    ),
    "why.no_flash": (
        "{name}在 {at} ℃ 低于沸点 {limit} ℃，不会闪蒸；请改选“储罐泄漏”",
        "{name} at {at} °C is below its boiling point {limit} °C; choose a tank leak",
    ),
    "why.is_liquid": (
        "{name}在 {at} ℃、高于 {mpa} MPa 时为液体；请改选“储罐泄漏”或“两相泄漏”",
        "{name} at {at} °C is liquid above {mpa} MPa; choose a tank leak",
    ),
    "why.pressure_low": (
        "绝对压力 {mpa} MPa 不高于大气压，不会流出；请填绝对压力",
        "{mpa} MPa absolute is not above the air's",
    ),
    "why.no_outflow": (
        "液面 {level} m 不高于孔口 {hole} m，不会流出；请降低孔口或更正存量",
        "the liquid at {level} m is not above the hole at {hole} m",
    ),
    "why.no_pressure": ("孔口以上没有液体也没有压力，不会流出", "no liquid and no pressure above the hole"),
    "why.no_fire": ("{name}没有燃烧热数据，不能计算火灾爆炸", "no heat of combustion is known for {name}"),
    "why.no_flammable": ("{name}没有燃爆极限数据，不能划可燃分区", "no flammable limits are known for {name}"),
    "why.no_properties": (
        "{name}没有物性数据；请改选“已知速率”或“瞬时泄漏”",
        "{name} has no physical data; give a rate or a mass",
    ),
    "why.no_level": (
        "{name}没有 {system} 阈值，请改选其他分级标准",
        "{name} has no {system} values; choose other levels",
    ),
    "why.critical": (
        "{name}在 {at} K 已高于临界温度 {limit} K，没有液体；请按气体处理",
        "{name} at {at} K is above its critical {limit} K: a gas",
    ),
    "why.too_cold": (
        "{name}的蒸气压数据只到 {limit} K，问的是 {at} K；请更正物料温度",
        "vapour pressure of {name} is known down to {limit} K, not at {at} K: correct its temperature",
    ),
    "why.no_boiling": ("{name}在 {mpa} MPa 下没有沸点；请更正压力", "{name} has no boiling point at {mpa} MPa"),
    "why.lid": (
        "混合层高度 {lid} m 不高于释放高度 {height} m，请更正其一",
        "the lid at {lid} m is not above the release at {height} m",
    ),
    "why.puddle_calm": ("无风时不能算液池蒸发，请给 10 m 高处至少 1 m/s", "a puddle needs a wind of 1 m/s at least"),
    "why.puddle_surface": ("所选方法没有这种地面的数据，请改选地面", "the method knows no such ground"),
    "why.puddle_area": ("请填写液池面积或围堰面积", "give the area of the puddle or bund"),
    "why.no_levels": ("该物质没有毒性阈值，不能分区", "no toxic levels are known for this substance"),
    "why.smoke_of": (
        "烟气只计算二氧化硫或一氧化碳，请更正物质",
        "smoke is computed for sulfur dioxide or carbon monoxide",
    ),
    "why.sulfur": ("计算二氧化硫须填写含硫量", "sulfur dioxide needs the sulfur content"),
    "why.not_flammable_cloud": ("气云处处达不到燃爆浓度，不会爆炸", "the cloud is nowhere flammable"),
    "why.fire_no_concentration": ("火灾爆炸没有浓度，请看热辐射或超压", "a fire has no concentration"),
    "why.fireball_mass": ("火球质量 {value} kg 超出模型范围", "a fireball of {value} kg is beyond the model"),
    "why.substance": ("不认识的物质“{value}”，相近的有：{nearest}", "unknown substance “{value}”; nearest: {nearest}"),
    "why.no_case": ("还不知道泄漏情况：请先补报物质、数量与气象", "nothing is known of the release yet"),
    "why.empty_note": ("日志内容为空，请写明情况", "the note is empty"),
    "why.no_reason": ("更正须说明理由", "a correction needs its reason"),
    "why.range": ("{where}的值 {value} 超出允许范围（界限 {limit}）", "{where}: {value} is beyond {limit}"),
    "why.missing": ("请填写{where}", "give {where}"),
}
