"""What the commands print, in Chinese."""

from __future__ import annotations

FORMS = {
    # doctor
    "Machine": "机器",
    "Versions": "版本",
    "Folders": "文件夹",
    "Model": "模型",
    "Tools": "工具",
    "Conversations": "对话",
    "system": "系统",
    "cores": "核心",
    "memory": "内存",
    "disk": "磁盘",
    "your settings": "你的设置",
    "your tools": "你的工具",
    "data": "数据",
    "cache": "缓存",
    "shipped": "随附文件",
    "embedded": "自带",
    "in use": "使用中",
    "settings": "设置",
    "context": "上下文",
    "threads": "线程",
    "batch": "批",
    "flash attention": "Flash Attention",
    "KV cache": "KV 缓存",
    "working": "可用",
    "broken": "有问题",
    "kept": "已保存",
    "keeping": "保存",
    "{count} (threads that a model gets)": "{count}（模型可用的线程数）",
    "{free} of {total} GiB free": "共 {total} GiB，空闲 {free} GiB",
    "{free} GiB free": "空闲 {free} GiB",
    "make room; models are large": "请腾出空间；模型很大",
    "not installed": "未安装",
    "{path} (not there yet)": "{path}（还没有）",
    "{path} cannot be written; see who owns it": "{path} 不可写；请看它属于谁",
    "install Yanray again, or use -m": "请重新安装 Yanray，或用 -m",
    "(embedded)": "（自带）",
    "{count} tokens": "{count} 个词元",
    "{read} reading, {step} generating": "阅读 {read}，生成 {step}",
    "auto (where llama.cpp can)": "自动（llama.cpp 能用时用）",
    "off": "关",
    "on": "开",
    "do not read": "读不出来",
    "{path}, the last one {title}": "{path}，最近一个 {title}",
    "off (yanray logs on turns it on)": "已关闭（yanray logs on 可打开）",
    "nvidia-smi does not answer": "nvidia-smi 没有回应",
    # logs, ask, remind
    "conversations are not kept; yanray logs on keeps them": "对话没有保存；yanray logs on 可打开",
    "({count} messages, {model})": "（{count} 条消息，{model}）",
    "(1 message, {model})": "（1 条消息，{model}）",
    "no model": "没有模型",
    "the answer holds no code block": "回答里没有代码块",
    "memory   {size} MiB at most": "内存     最多 {size} MiB",
    "reminders cannot be read: {error}": "读不出提醒：{error}",
    # warm
    "stopped; nothing was kept": "已停止；没有保存",
    "{model}: the {count} tokens of the system prompt and the tools stood on disk already; "
    "{seconds} s to restore them": "{model}：系统提示和工具的 {count} 个词元已在磁盘上；用 {seconds} 秒恢复",
    "{model}: the {count} tokens of the system prompt and the tools were read in {seconds} s; {where}": (
        "{model}：系统提示和工具的 {count} 个词元已读入，用时 {seconds} 秒；{where}"
    ),
    "{model}: the {count} tokens of the system prompt and the tools were read in {seconds} s": (
        "{model}：系统提示和工具的 {count} 个词元已读入，用时 {seconds} 秒"
    ),
    "they are too few to be worth keeping": "太少，不值得保存",
    "kept in {path} ({size} MiB)": "存在 {path}（{size} MiB）",
    # tools
    "tokens  seconds": "词元    秒",
    "all together; {model} reads them once and keeps that on disk": "合计；{model} 读一次，存在磁盘上",
    "what tools cost in the prompt is not known: {problem}": "不知道工具占提示多少：{problem}",
    "yanray tools --cost measures what each costs in the prompt": (
        "yanray tools --cost 可测量每个工具占提示多少"
    ),
    "default: {value}": "默认：{value}",
    "{count} tokens of the prompt: {seconds} s of reading with {model}": (
        "占提示 {count} 个词元：{model} 要读 {seconds} 秒"
    ),
    "{path}, at most {seconds} s": "{path}，最多 {seconds} 秒",
    "edit the first; then: yanray tools run {name} ARGUMENT": (
        "请修改第一个文件；然后：yanray tools run {name} 参数"
    ),
    "asks before some calls": "有时先询问",
    "asks first": "先询问",
    "needs the network": "需要网络",
    # models, adapters
    "on this disk, {size} GB in {folder}:": "本机磁盘上，共 {size} GB，在 {folder}：",
    "to pull by name:": "可按名字下载：",
    "yanray fit says which of them suit this machine": "yanray fit 会告诉你哪些适合本机",
    "licence: {licence}": "许可：{licence}",
    "template: {template}; {what}": "模板：{template}；{what}",
    "template: {count} characters, {what}": "模板：{count} 个字符，{what}",
    "template: none in the file": "模板：文件里没有",
    "knows tools": "懂工具",
    "no role for tools": "没有工具角色",
    "{count} B parameters, {size} GB of weights": "{count} B 参数，权重 {size} GB",
    "{family}: {layers} layers of {width}, feed-forward {inner}": (
        "{family}：{layers} 层，宽 {width}，前馈 {inner}"
    ),
    "{heads} heads, {kv} for keys and values, {size} numbers each": (
        "{heads} 个头，键值 {kv} 个，每个 {size} 维"
    ),
    "{count} tokens in the vocabulary, trained for {context} of context": (
        "词表 {count} 个词元，训练时的上下文 {context}"
    ),
    "{count} experts, {used} at a time": "{count} 个专家，每次用 {used} 个",
    "removed {name}, {size} GB": "已删除 {name}，{size} GB",
    "removed {name}": "已删除 {name}",
    "none yet; yanray learn or yanray train lora makes one, in {folder}": (
        "还没有；yanray learn 或 yanray train lora 可以做一个，存在 {folder}"
    ),
    "no adapter from now on; kept in {path}": "从现在起不用适配器；已写入 {path}",
    "{name} from now on; kept in {path}": "从现在起使用 {name}；已写入 {path}",
    "rank {rank}": "秩 {rank}",
    # pull
    "{reference}: {files}, {size}, {count} B parameters": "{reference}：{files}，{size}，{count} B 参数",
    "{count} files": "{count} 个文件",
    "of unknown size": "大小不明",
    "it does not fit this machine: `yanray fit` shows what does": "本机装不下：`yanray fit` 列出装得下的",
    "in {format} it {where}: {size} GB with {context} tokens": (
        "{format} 格式{where}：{size} GB，{context} 个词元"
    ),
    "in {format} it {where}: {size} GB with {context} tokens, about {speed} tokens/s": (
        "{format} 格式{where}：{size} GB，{context} 个词元，约 {speed} 词元/秒"
    ),
    "fits in VRAM": "装得进显存",
    "fits in RAM": "装得进内存",
    "fits only partly in VRAM and is slow": "只有一部分装得进显存，会慢",
    "fetch it? [Y/n]": "下载吗？[Y/n]",
    "fetch it nevertheless? [y/N]": "仍要下载吗？[y/N]",
    "nothing fetched": "没有下载",
    "stopped; the same command goes on from here": "已停止；同一命令可从这里继续",
    "{name}: checking {percent} %": "{name}：校验 {percent} %",
    "{name}: {percent} %, {done} MB, {rate} MB/s": "{name}：{percent} %，{done} MB，{rate} MB/s",
    "{name}: {percent} %, {done} of {total} MB, {rate} MB/s": (
        "{name}：{percent} %，{done}/{total} MB，{rate} MB/s"
    ),
    "{name}: {percent} %, {done} of {total} MB, {rate} MB/s, {left} left": (
        "{name}：{percent} %，{done}/{total} MB，{rate} MB/s，还需 {left}"
    ),
    # fit
    ", ": "，",
    "this machine": "本机",
    "this machine with {card}": "本机，{card}",
    "{what}: {size} of RAM at {rate} GB/s": "{what}：内存 {size}，{rate} GB/s",
    "{size} of VRAM": "显存 {size}",
    "{size} of VRAM at {rate} GB/s": "显存 {size}，{rate} GB/s",
    "compute capability {compute}": "计算能力 {compute}",
    "model": "模型",
    "format": "格式",
    "weights": "权重",
    "KV": "KV",
    "total": "合计",
    "fits": "装得下",
    "tokens/s": "词元/秒",
    "500 read in": "读 500 个",
    "training": "训练",
    "VRAM": "显存",
    "partly": "部分",
    "RAM": "内存",
    "no": "否",
    "tokens": "词元",
    "I would train {model} in {format}, in sequences of {context} tokens: {size} of {room} of {where}.": (
        "建议训练 {model} 的 {format}，序列 {context} 个词元：{where} {room} 中要用 {size}。"
    ),
    "{name}: a GGUF file is not trained; name the folder that it was made of.": (
        "{name}：GGUF 文件不能训练；请给出它的原文件夹。"
    ),
    "Nothing of this can be trained in {room} of {where}: {model} in {format} takes {size}. "
    "What fits: {offers}.": (
        "{room} 的 {where} 训练不了：{model} 的 {format} 要 {size}。装得下的有：{offers}。"
    ),
    "Nothing of this fits; take a smaller model, a shorter --context, or another --machine.": (
        "都装不下；请用小一些的模型、短一些的 --context 或别的 --machine。"
    ),
    "I would take {model} in {format} with {context} tokens: in {where}, {what}.": (
        "建议用 {model} 的 {format} 格式，{context} 个词元：放在{where}，{what}。"
    ),
    "about {speed} tokens/s": "约 {speed} 词元/秒",
    "speed unknown": "速度不明",
}
