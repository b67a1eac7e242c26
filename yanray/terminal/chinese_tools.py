"""What tools, and the fetcher that carries them to the web, say to a person in Chinese: lines and errors."""

from __future__ import annotations

FORMS = {
    # the shipped tools' lines
    "Work out arithmetic and algebra exactly.": "精确计算算术和代数。",
    "Tell the time and date, here or in any place, and count days and hours.": (
        "查询本地或任何地方的时间日期，计算天数和小时。"
    ),
    "Convert units and currencies.": "换算单位和货币。",
    "Flip coins, roll dice, pick at random.": "抛硬币、掷骰子、随机挑选。",
    "Read a web page or a local file.": "阅读网页或本地文件。",
    "Look up facts that were remembered.": "查找记住的事情。",
    "Remember a fact for later.": "记住一件事，以后可查。",
    "Set timers, alarms and reminders.": "设置计时器、闹钟和提醒。",
    "Search the web for news, facts and prices.": "在网上搜索新闻、资料和价格。",
    "Tell battery, processor, memory and disk of this machine.": "查看本机的电池、处理器、内存和磁盘。",
    "Keep lists of things to do and buy.": "管理待办和购物清单。",
    "Tell the weather and forecast for a place.": "查询某地的天气和预报。",
    # the web
    "the network is away, or there is no host {host}": "网络不通，或没有主机 {host}",
    "the network is away: {host} cannot be looked up ({error})": "网络不通：查不到 {host} 的地址（{error}）",
    "the network is away: {host} cannot be reached ({error})": "网络不通：连不上 {host}（{error}）",
    "the network is away: {host} has no address": "网络不通：{host} 没有地址",
    "{host} does not answer in time; try again later": "{host} 没有及时回应；请稍后再试",
    "{host} is too slow; try again later": "{host} 太慢；请稍后再试",
    "{host} broke off: {error}": "{host} 中途断开：{error}",
    "{host} did not answer as it should; try again later": "{host} 的回应不对；请稍后再试",
    "{host} answered {status}": "{host} 回应 {status}",
    "{host} answered {status}: {why}": "{host} 回应 {status}：{why}",
    "it asks for a password": "需要密码",
    "it refuses": "拒绝访问",
    "there is no such page": "没有这个网页",
    "the page is gone": "网页已删除",
    "too many requests; try again later": "请求太多；请稍后再试",
    "it is out of order; try again later": "服务器出了故障；请稍后再试",
    "{host} redirects more than {count} times: give the address of the page itself": (
        "{host} 转向超过 {count} 次：请给出网页本身的地址"
    ),
    "{host} packs its pages in a way that was not asked for ({coding})": (
        "{host} 用了没有请求过的压缩方式（{coding}）"
    ),
    "{host} sent a page that is packed wrongly": "{host} 发来的网页压缩有误",
    "{host} sent a page that unpacks to far more than it is: not read": (
        "{host} 发来的网页解压后大得反常：没有读取"
    ),
    "{url} is not the address of a page; write e.g. https://example.org/page": (
        "{url} 不是网页地址；请写如 https://example.org/page"
    ),
    "{url} is not the address of a page: {error}": "{url} 不是网页地址：{error}",
    "{scheme}: is not of the web: give an address with http:// or https://": (
        "{scheme}: 不是网页：请给出 http:// 或 https:// 的地址"
    ),
    "the address holds a user's name or password: leave out what stands before the @": (
        "地址里有用户名或密码：请去掉 @ 前面的部分"
    ),
    "there is no port {port}": "没有端口 {port}",
    "port {port} is not one of the web's: tools may use 80, 443 and those from 1024": (
        "端口 {port} 不是网页的：工具只能用 80、443 和 1024 以上的"
    ),
    "{host} is not the name of a host": "{host} 不是主机名",
    "{host} is a number in place of a host: write the host's name": "{host} 是数字，不是主机名：请写主机名",
    "{host} is in a private network ({address}), where tools may not go; "
    "its owner can allow it in config.yaml (toolbox: allow_hosts: [{again}])": (
        "{host} 在内网（{address}），工具不能访问；可在 config.yaml 里允许（toolbox: allow_hosts: [{again}]）"
    ),
    # weather, search, read
    "that is too long; write e.g. Paris tomorrow": "太长了；请写如 北京 明天",
    "name the place, e.g. Paris tomorrow (its owner can set tools: weather: home: in config.yaml)": (
        "请说出地点，如 北京 明天（可在 config.yaml 设置 tools: weather: home:）"
    ),
    "{day} is not a day; write e.g. tomorrow, friday or {date}": (
        "{day} 不是日子；请写如 明天、星期五 或 {date}"
    ),
    "there is a forecast from {first} to {last} only, not for {day}": (
        "只有 {first} 到 {last} 的预报，没有 {day} 的"
    ),
    "no place called {place} is found; write a town's name, e.g. Paris": (
        "没有找到地点 {place}；请写城市名，如 北京"
    ),
    "say what to look for, e.g. tallest building in Tokyo": "要搜什么？请写如 东京最高的建筑",
    "its owner must set the address of a SearXNG (tools: search: server: in config.yaml)": (
        "请先设置 SearXNG 的地址（config.yaml 里的 tools: search: server:）"
    ),
    "{host} did not answer as it should; its owner must allow the format json there": (
        "{host} 的回应不对；它的管理员要允许 json 格式"
    ),
    "searching needs the package ddgs (pip install ddgs), "
    "or a SearXNG (tools: search: server: in config.yaml)": (
        "搜索需要 ddgs 包（pip install ddgs），或一个 SearXNG（config.yaml 里的 tools: search: server:）"
    ),
    "name a web page or a file, e.g. example.org, or notes.txt": (
        "请给出网页或文件，如 example.org 或 notes.txt"
    ),
    "{file} holds no text that can be read": "{file} 里没有可读的文字",
    "{file} has {count} pages; write read {again} page {page}": (
        "{file} 共 {count} 页；请写 read {again} page {page}"
    ),
    "{file} is neither a web page nor a file that is there; write e.g. example.org": (
        "{file} 既不是网页，也不是已有的文件；请写如 example.org"
    ),
    "{file} is not text ({kind}); only web pages, PDF and text can be read": (
        "{file} 不是文字（{kind}）；只能读网页、PDF 和文本"
    ),
    "{file} asks for a password": "{file} 需要密码",
    "{file} is not a PDF that can be read ({error})": "{file} 不是能读的 PDF（{error}）",
    "{file} holds pictures only, no text": "{file} 只有图片，没有文字",
    "{file} is hidden, and hidden files are not read": "{file} 是隐藏文件，不能读取",
    "there is no file {file} in {folders}": "{folders} 里没有文件 {file}",
    "there is no file {file} in {folders}; near it: {near}": "{folders} 里没有文件 {file}；相近的有：{near}",
    "{file} is outside the folders that may be read ({folders}); "
    "its owner can add one in config.yaml (tools: read: folders:)": (
        "{file} 不在可读的文件夹里（{folders}）；可在 config.yaml 里添加（tools: read: folders:）"
    ),
    "{file} is not a plain file": "{file} 不是普通文件",
    "{file} is larger than {size} MiB": "{file} 超过 {size} MiB",
    # calculate
    "the result would have about {size} digits; at most {most} are worked out": (
        "结果约有 {size} 位数字；最多算 {most} 位"
    ),
    "no solution was found; give a simpler equation": "没有找到解；请给出更简单的方程",
    "a solution or a comparison cannot stand inside a formula; write it alone": (
        "求解或比较不能放在算式里面；请单独写"
    ),
    "that is {count} characters long; write at most {most}": "共 {count} 个字符；最多写 {most} 个",
    "nothing to calculate; write e.g. 12*(3+4)": "没有要算的；请写如 12*(3+4)",
    "that function needs whole numbers": "这个函数要整数",
    "round to at most 100 places": "最多取到 100 位小数",
    "say which of {names} is meant, e.g. solve(x + y = 3, x)": (
        "请说明求 {names} 中的哪一个，如 solve(x + y = 3, x)"
    ),
    "differentiate between 1 and 50 times": "求导次数为 1 到 50",
    "write integrate(f), integrate(f, x) or integrate(f, x, from, to)": (
        "请写 integrate(f)、integrate(f, x) 或 integrate(f, x, 下限, 上限)"
    ),
    "whole numbers of up to 40 digits are factored": "只分解 40 位以内的整数",
    "there is no unknown to solve for; write e.g. solve(x^2 = 4)": "没有未知数；请写如 solve(x^2 = 4)",
    "that is not defined (a division by zero, or a function outside its range)": (
        "没有定义（除以零，或超出函数的定义域）"
    ),
    "division by zero has no result": "除以零没有结果",
    "that cannot be worked out; write one formula or one equation, in steps": (
        "算不出来；请写一个算式或一个方程，分步来"
    ),
    "comb and perm need whole numbers from 0": "comb 和 perm 要从 0 起的整数",
    "comb and perm are worked out up to 5000 things": "comb 和 perm 最多算到 5000",
    "{name} is not known here; known are e.g. {near}, pi, e, i": "不认识 {name}；认识的如 {near}、pi、e、i",
    "{name} needs numbers that are fractions": "{name} 要分数形式的数",
    "no closed form was found; give limits, e.g. integrate(f, x, 0, 1)": (
        "没有封闭形式；请给出上下限，如 integrate(f, x, 0, 1)"
    ),
    "{name} takes another number of arguments than {count}": "{name} 的参数个数不是 {count}",
    "a power of an unknown is worked out up to 200": "未知数的幂最多算到 200 次",
    "{sign} is too large or too small; exponents go up to {most}": "{sign} 太大或太小；指数最大 {most}",
    "{sign} cannot be calculated with; write e.g. 12*(3+4)": "{sign} 不能参加计算；请写如 12*(3+4)",
    "{sign} is not expected there; write e.g. 12*(3+4)": "{sign} 不该在那里；请写如 12*(3+4)",
    "a number is missing before {sign}": "{sign} 前面缺一个数",
    "the end is missing": "后面不完整",
    "a bracket is not closed before {end}": "括号没有闭合（在 {end} 之前）",
    "'the end'": "末尾",
    "brackets or powers are nested deeper than {count}; write it in steps": (
        "括号或幂嵌套超过 {count} 层；请分步写"
    ),
    # clock, convert, random, remember, remind, system, todo
    "{request} is not understood; write e.g. Tokyo, days until 2026-12-25, 2026-03-01 + 45 days": (
        "看不懂 {request}；请写如 东京、days until 2026-12-25、2026-03-01 + 45 days"
    ),
    "that is too long; write e.g. Tokyo, or days until 2026-12-25": (
        "太长了；请写如 东京，或 days until 2026-12-25"
    ),
    "that date is outside the years 1 to 9999": "日期不在公元 1 到 9999 年之间",
    "{date}: day/month or month/day? write dates as 2026-12-25": (
        "{date}：先日还是先月？日期请写成 2026-12-25"
    ),
    "{date} is no date of the calendar": "日历上没有 {date}",
    "{time} is no time of the day": "{time} 不是一天里的时刻",
    "that is too long; write e.g. 5 miles to km": "太长了；请写如 5英里等于多少公里",
    "say the amount and the unit that is wanted, e.g. 5 miles to km": (
        "请写数量和要换成的单位，如 5英里等于多少公里"
    ),
    "that is too large a number": "数字太大了",
    "{text} is not an amount with its unit; write e.g. 5 miles to km": (
        "{text} 不是带单位的数量；请写如 5英里等于多少公里"
    ),
    "a unit is missing; write e.g. 5 miles to km": "缺少单位；请写如 5英里等于多少公里",
    "{first} cannot become {second}: name units of one kind": "{first} 不能换成 {second}：单位要同类",
    "that cannot be converted: {error}": "无法换算：{error}",
    "give one temperature at a time": "一次只给一个温度",
    "{name} is not a unit that is known": "不认识单位 {name}",
    "{name} is not a unit that is known; near it: {near}": "不认识单位 {name}；相近的有：{near}",
    "{name} is not a unit that is known; write e.g. km, pounds, celsius, 公里": (
        "不认识单位 {name}；请写如 km、pounds、celsius、公里"
    ),
    "there is no rate for {code}; there is: {codes}": "没有 {code} 的汇率；有：{codes}",
    "{request} is not understood; write coin, 2d6, 1-100, or one of tea, coffee": (
        "看不懂 {request}；请写 coin、2d6、1-100，或 one of 茶, 咖啡"
    ),
    "that is too long; write e.g. one of tea, coffee": "太长了；请写如 one of 茶, 咖啡",
    "a die has 1 to {most} sides, not {sides}": "骰子有 1 到 {most} 面，不是 {sides} 面",
    "numbers go up to {most}": "数最大 {most}",
    "1 to {most} at once, not {count}": "一次 1 到 {most} 个，不是 {count} 个",
    "say what to remember, e.g. the spare key is under the blue pot": (
        "要记住什么？请写如 备用钥匙在蓝花盆下面"
    ),
    "no fact has the words {words}; /recall shows what is kept": "没有含 {words} 的事；/recall 可查看记住的",
    "several facts have these words; write forget and one of them whole: {facts}": (
        "有几件事含这些词；请写 forget 加其中一件的全文：{facts}"
    ),
    "that is too long; write e.g. in 10 minutes: tea": "太长了；请写如 10分钟后: 关火",
    "{time} is over already; give a time to come": "{time} 已过；请给出将来的时间",
    "no reminder is called {words}; there is: {list}": "没有叫 {words} 的提醒；有：{list}",
    "that time is too far away": "时间太远了",
    "{count} reminders are set already; cancel some first": "已有 {count} 个提醒；请先取消几个",
    "{text} has no time that is understood; write e.g. in 10 minutes: tea, or at 7:30: alarm": (
        "{text} 里没有看得懂的时间；请写如 10分钟后: 关火，或 at 7:30: 起床"
    ),
    "once a minute is the most": "最多每分钟一次",
    "{text} is not known; write battery, cpu, memory, disk, uptime or machine": (
        "不认识 {text}；请写 battery、cpu、memory、disk、uptime 或 machine"
    ),
    "{text} is not understood; write e.g. add milk to shopping, done milk, show shopping": (
        "看不懂 {text}；请写如 把牛奶加到购物清单、完成牛奶、看看购物清单"
    ),
    "say what to add, e.g. add milk to shopping": "要加什么？请写如 把牛奶加到购物清单",
    "say what is done, e.g. done milk": "完成了什么？请写如 完成牛奶",
    "the lists hold {count} things already; remove some first": "清单里已有 {count} 项；请先删掉几项",
    "{name} is a whole list; to empty it write clear {again}": "{name} 是整个清单；要清空请写 clear {again}",
    "no {thing} in {list}; {overview}": "{list} 里没有 {thing}；{overview}",
    "no {thing} on any list; {overview}": "清单里都没有 {thing}；{overview}",
    "there is no list {name}; {overview}": "没有清单 {name}；{overview}",
    "there is: {names}": "有：{names}",
    "all lists are empty": "清单都是空的",
    "several things are meant: {things}": "有几项都符合：{things}",
    # how tools are called, and what may go wrong
    "there is no tool {name}; there is: {names}": "没有工具 {name}；有：{names}",
    "{name} needs {parameters}: write {usage}": "{name} 需要 {parameters}：请写 {usage}",
    "{parameter} must be {right}, not {value}: write {usage}": (
        "{parameter} 应为{right}，不是 {value}：请写 {usage}"
    ),
    "{parameter} must be {right}, not {value}": "{parameter} 应为{right}，不是 {value}",
    "a whole number": "整数",
    "a number": "数",
    "yes or no": " yes 或 no",
    "one of {choices}": " {choices} 之一",
    "{word} is one word too many: write {usage}": "多了 {word}：请写 {usage}",
    "{parameter} is given twice: write {usage}": "{parameter} 给了两次：请写 {usage}",
    '{name} has no parameter {parameter} (put "{word}" in quotes if it is text): write {usage}': (
        '{name} 没有参数 {parameter}（如果是文字，请把 "{word}" 放进引号）：请写 {usage}'
    ),
    "the annotation of {parameter} cannot be checked: {error}": "{parameter} 的类型标注无法检查：{error}",
    "{name} returned {kind}, not text: end run() with a string": (
        "{name} 返回了 {kind}，不是文字：run() 要返回字符串"
    ),
    "{name} was stopped": "{name} 已停止",
    "it was stopped": "已停止",
    "{name} took longer than {seconds} s and was stopped; ask for less": (
        "{name} 超过 {seconds} 秒，已停止；请少要一些"
    ),
    "it needed more memory than tools may use; ask for less": "所需内存超过工具的上限；请少要一些",
    "it tried to end the program (SystemExit)": "它想结束程序（SystemExit）",
    "{name} wrote over the worker's own pipe, and was stopped": "{name} 写坏了工作进程的管道，已停止",
    "{name} ended its own process ({how})": "{name} 的进程自己退出了（{how}）",
    "{name} ended its own process ({how}): {error}": "{name} 的进程自己退出了（{how}）：{error}",
    "{name} cannot run: the toolbox is closed": "{name} 不能运行：工具箱已关闭",
    "{path} does not load: {error}; its owner must mend the file": "{path} 无法载入：{error}；请修改文件",
    "{path}: does not load: {error}; its owner must mend the file": "{path}：无法载入：{error}；请修改文件",
    "{name} needs the environment variable {variable}, which is not set; "
    "its owner must set it (tools: {tool}: {key})": (
        "{name} 需要环境变量 {variable}，还没有设置；请设置它（tools: {tool}: {key}）"
    ),
    "tools: {name}: no setting {key}; it has: {names}": "tools: {name}：没有设置 {key}；有：{names}",
    "cannot be read: {error}; save it as UTF-8 text": "无法读取：{error}；请存为 UTF-8 文本",
    "the MCP server {server} is away: {error}": "MCP 服务器 {server} 不在：{error}",
    "the MCP server {server} does not answer": "MCP 服务器 {server} 没有回应",
    "its tool {tool} has a name that no command can have": "它的工具 {tool} 的名字不能作命令",
    "its tool {tool} has a parameter {parameter}, which no command can name": (
        "它的工具 {tool} 有参数 {parameter}，命令里写不出来"
    ),
    "{name} cannot be a tool's name: a lower-case letter, then a-z, 0-9, _ and -": (
        "{name} 不能作工具名：先是小写字母，再是 a-z、0-9、_ 和 -"
    ),
    "{name} is a command of the chat itself; choose another name": "{name} 是对话自己的命令；请换个名字",
    "{path} is there already; choose another name, or edit it": "{path} 已经有了；请换个名字，或直接修改",
    "{path} cannot be written: {error}; choose another folder": "{path} 无法写入：{error}；请换个文件夹",
}
