"""Notices, errors and doctor's findings in Chinese.

They are written in English where they arise, below the terminal, and read by programs and models too; only
what is shown to a person is translated here, by its form. A sentence without a form is shown as it is. A test
reads the source and fails when a notice, or an error of the everyday commands, has no form.
"""

from __future__ import annotations

import re
from functools import lru_cache

# English form -> Chinese form; what stands in braces is taken over.
FORMS = {
    # notices
    "/{name} was called like this before; it was not run again": "/{name} 刚才已这样调用过，没有再次运行",
    "/{name} was called over and over; the answer was asked for": "/{name} 被反复调用，已要求直接回答",
    "/{call}: {numbers} stands nowhere in the conversation": (
        "/{call}：对话中没有出现过 {numbers}，已请模型重写"
    ),
    "the exact result is {result}": "准确结果是 {result}",
    "the model said the same over and over and was stopped; ask in other words, or try /regen": (
        "模型一再重复同样的话，已停下；请换个说法，或试试 /regen"
    ),
    "{raw} was read as {command}": "{raw} 按 {command} 理解",
    "/{name} was not run: {why}": "没有运行 /{name}：{why}",
    "it writes, sends or spends, and nobody is there to be asked; -y allows it": (
        "它会写入、发送或花费，而这里没有人可以询问；-y 表示允许"
    ),
    "it was not allowed; do not call it again, answer without it": "未获允许",
    "the model still wanted a tool after {count} rounds": "{count} 轮之后模型仍想调用工具",
    "there is no tool /{name}; did you mean: {near}": "没有工具 /{name}；是想用：{near}",
    "there is no tool /{name}; there are: {names}": "没有工具 /{name}；可用的有：{names}",
    "{offer} (a message that begins with a slash is written with two: //)": (
        "{offer}（以斜杠开头的消息请写两个：//）"
    ),
    "a result of /{name} was cut to {count} characters": "/{name} 的结果截短为 {count} 个字符",
    "an old result of /{name} was folded to make room": "为腾出上下文，折叠了 /{name} 的一个旧结果",
    "the oldest turn was left out to make room: {words}": "为腾出上下文，略去了最早的一回合：{words}",
    "what was left out is summed up: {words}": "略去的内容已概括为：{words}",
    "/{name} is loaded again": "/{name} 已重新加载",
    "/{name} is new": "新工具 /{name}",
    "/{name} is gone": "/{name} 已移除",
    "{problem}; the version from before still serves": "{problem}；仍使用之前的版本",
    "{path} line {line}: {what}": "{path} 第 {line} 行：{what}",
    "model: the embedded one; `yanray fit` shows larger ones that this machine can hold": (
        "模型：自带的小模型；`yanray fit` 列出本机装得下的更大模型"
    ),
    "model: {name}, the best pulled one that fits; -m names another": (
        "模型：{name}，已下载模型中本机装得下的最好的一个；用 -m 指定别的"
    ),
    "{path}: could not be written ({error}); the next start reads the prompt again": (
        "{path}：无法写入（{error}）；下次启动要重新读入提示词"
    ),
    "{path}: the saved state {problem}; it is made anew": "{path}：保存的状态不能用（{problem}），重新生成",
    "{server} does not take {fields}; sent without": "{server} 不接受 {fields}，已去掉后发送",
    "{server} {failure}; asked again after {seconds} s": "{server} {failure}；{seconds} 秒后重试",
    "this model's steps could not be recorded as a CUDA graph ({why}); each token takes longer": (
        "无法把该模型的步骤录成 CUDA 图（{why}）；每个词元会慢一些"
    ),
    "{name} is loaded as {load}: {native} would need {needed}, {card} has {free} free": (
        "{name} 以 {load} 载入：{native} 需要 {needed}，{card} 只有 {free} 空闲"
    ),
    "{card} does not compute LLM.int8() rightly ({why}): loaded as {load}, computed in {native}; "
    "with `pip install torchao` 8 bits would do": (
        "{card} 算不对 LLM.int8()（{why}）：改以 {load} 载入，以 {native} 计算；装上 torchao 就能用 8 位"
    ),
    "{card} does not compute LLM.int8() rightly ({why}): loaded as {load}, computed in {native}": (
        "{card} 算不对 LLM.int8()（{why}）：改以 {load} 载入，以 {native} 计算"
    ),
    "{count} of {all} layers are on {cards}; the rest on the CPU, which is slower": (
        "{all} 层中有 {count} 层在 {cards} 上；其余在 CPU 上，较慢"
    ),
    "this llama.cpp does not tell its GPUs' free memory: name a number, `machine.gpu_layers`": (
        "这个 llama.cpp 不说显卡还有多少空闲：请在 `machine.gpu_layers` 写一个数"
    ),
    # /why
    "round {n}  prompt {all} tokens: reused {old}, read {new} in {seconds} s{rate}": (
        "第 {n} 轮   提示 {all} 个词元：沿用 {old}，读入 {new}，用时 {seconds} 秒{rate}"
    ),
    "         generated {new} in {seconds} s{rate}": "         生成 {new}，用时 {seconds} 秒{rate}",
    "         reuse ended at token {n}{text}: the prompt differs from what stood there": (
        "         从第 {n} 个词元{text}起不能沿用：提示与原来不同"
    ),
    "tool     {command}: {seconds} s": "工具     {command}：{seconds} 秒",
    "tool     {command}: {seconds} s, an error": "工具     {command}：{seconds} 秒，出错",
    "load     {seconds} s": "加载     {seconds} 秒",
    "in all   {seconds} s": "合计     {seconds} 秒",
    # models
    "{name}: no such file, and no pulled model of that name; pulled are: {names}. "
    "Give -m the path of a GGUF file, or fetch one: yanray pull {again}": (
        "{name}：没有这个文件，也没有下载过这个名字的模型；已下载：{names}。"
        "请用 -m 给出 GGUF 文件的路径，或先下载：yanray pull {again}"
    ),
    "none yet": "还没有",
    "{name}: no such server under `remote` in config.yaml; there are: {names}": (
        "{name}：config.yaml 的 `remote` 下没有这个服务器；有：{names}"
    ),
    "{path}: the embedded model is missing from this installation; give -m a GGUF file": (
        "{path}：安装中缺少自带的模型；请用 -m 给出一个 GGUF 文件"
    ),
    "{folder}: is shipped, not your own; it stays": "{folder}：是随程序附带的，不是你自己的；保留不动",
    "{name}: config.yaml puts it on; yanray adapters use takes it off first": (
        "{name}：config.yaml 正在用它；请先用 yanray adapters use 取下"
    ),
    "{path}: a folder without config.json; give a GGUF or a transformers folder": (
        "{path}：文件夹里没有 config.json；请给出 GGUF 文件或 transformers 文件夹"
    ),
    "{path}: needs {packages}: pip install 'yanray[hf]'; or give a GGUF": (
        "{path}：需要 {packages}：pip install 'yanray[hf]'；或改用 GGUF"
    ),
    "{path}: not a GGUF file (it {begins}, not with b'GGUF'); give a .gguf model, or fetch it again": (
        "{path}：不是 GGUF 文件；请给出 .gguf 模型，或重新下载"
    ),
    "{path}: not a model that can be loaded ({why}); the file is damaged, cut short, or of a kind that this "
    "llama.cpp does not know: fetch it again, or pick another model": (
        "{path}：无法加载（{why}）；文件损坏、不完整，或这个 llama.cpp 不认识：请重新下载，或换一个模型"
    ),
    "{path}: an encoder model, not a chat model; pick a text-generation GGUF": (
        "{path}：这是编码模型，不能聊天；请选文本生成的 GGUF"
    ),
    "{path}: no such file; check the path, or name a pulled model": "{path}：没有这个文件；请检查路径",
    "{path}: a folder; name the .gguf file in it": "{path}：这是文件夹；请写出其中的 .gguf 文件",
    "{path}: no context of {count} tokens: {why}; lower `context`, or take a smaller model": (
        "{path}：开不出 {count} 个词元的上下文（{why}）；请调小 `context`，或换小一些的模型"
    ),
    "{path}: llama.cpp could not evaluate {count} tokens (code {code})": (
        "{path}：llama.cpp 没能算完 {count} 个词元（代码 {code}）"
    ),
    "{path}: {why}; put fewer layers on the GPU: `machine.gpu_layers`": (
        "{path}：{why}；请减少放在 GPU 上的层：`machine.gpu_layers`"
    ),
    "{path}: llama.cpp gave no logits": "{path}：llama.cpp 没有给出 logits",
    "{path}: llama.cpp wrote {written} of {size} bytes of its state": (
        "{path}：llama.cpp 的状态只写出 {written}/{size} 字节"
    ),
    "the conversation takes {tokens} tokens, the context holds {context}, the answer's too; "
    "shorten the conversation or raise `context` in config.yaml": (
        "对话占 {tokens} 个词元，上下文连同回答只容得下 {context} 个；请缩短对话，或调大 `context`"
    ),
    "the context of {model} holds {context} tokens, {room} of them for the prompt; "
    "system prompt and tools take {pinned}, your message {said}: "
    "shorten the message, enable fewer tools (toolbox.enabled), or raise `context`": (
        "{model} 的上下文有 {context} 个词元，提示可用 {room} 个；系统提示和工具占 {pinned} 个，"
        "你的消息占 {said} 个：请缩短消息，少开工具（toolbox.enabled），或调大 `context`"
    ),
    "the script of {name} has {count} rounds and was asked for one more": "脚本 {name} 的 {count} 轮已用完",
    "{path} does not run on this machine; only a model's file is measured": (
        "{path} 不在本机运行；只能测量模型文件"
    ),
    "this schema cannot be made a grammar: {why}; write it with type, properties, required, items, enum, "
    "anyOf and $ref alone": (
        "这个模式不能变成语法（{why}）；请只用 type、properties、required、items、enum、anyOf 和 $ref"
    ),
    "llama.cpp does not take this schema's grammar; make the schema simpler": (
        "llama.cpp 不接受这个模式的语法；请写得简单些"
    ),
    "the grammar of /{name} is not valid GBNF: {fragment}; mend the tool's parameters": (
        "/{name} 的语法不是有效的 GBNF：{fragment}；请修改工具的参数"
    ),
    "the commands' grammars are valid alone but not together; switch tools off one by one": (
        "各命令的语法单独有效，合在一起无效；请逐个关闭工具"
    ),
    # settings and options
    "-o {option}: write KEY=VALUE, e.g. -o temperature=0.7": (
        "-o {option}：请写 名称=值，例如 -o temperature=0.7"
    ),
    "remote.{name}.key: the environment has no variable {variable}; set it": (
        "remote.{name}.key：环境中没有变量 {variable}；请设置它"
    ),
    "{path}: no such file; name one that exists, or leave --config out": (
        "{path}：没有这个文件；请给出存在的文件，或去掉 --config"
    ),
    "{path}: cannot be read: {error}": "{path}：无法读取：{error}",
    "{path}: cannot be read as text: {error}": "{path}：不能作为文本读取：{error}",
    "{path}: not YAML: {error}": "{path}：不是 YAML：{error}",
    "{path}: holds a {kind}; write `key: value` lines": "{path}：内容是 {kind}；请写成 `键: 值` 的行",
    "{path}: unknown key {key}; the keys are in {known}": "{path}：未知的键 {key}；全部键见 {known}",
    "{path}: {key}: {problem} (got {value})": "{path}：{key}：{problem}（得到 {value}）",
    # conversations and files
    "there is no conversation {id}; `yanray logs list` shows those that there are": (
        "没有对话 {id}；`yanray logs list` 可列出已有的"
    ),
    "{path}: cannot be opened ({error}); see that the folder may be written": (
        "{path}：无法打开（{error}）；请确认文件夹可写"
    ),
    "{path}: is not a database of conversations ({error}); move it away": (
        "{path}：不是对话数据库（{error}）；请把它移走"
    ),
    "{path}: was written by a newer Yanray (schema {version}); update this one": (
        "{path}：由更新的 Yanray 写成（格式 {version}）；请升级"
    ),
    "{path}: cannot tell the form from the name; end it in .md or .json": (
        "{path}：从名字看不出格式；请以 .md 或 .json 结尾"
    ),
    "{path}: cannot be written: {error}": "{path}：无法写入：{error}",
    "there is no conversation to go on with; leave -c out": "没有可继续的对话；请去掉 -c",
    "--output belongs to --batch; here, redirect stdout": "--output 只用于 --batch；这里请重定向标准输出",
    'ask what? write yanray ask "what is 6.5*7.5", or give the question on stdin': (
        '问什么？请写 yanray ask "6.5*7.5 是多少"，或从标准输入给出问题'
    ),
    "{path}: this PDF holds pictures and no text; run it through an OCR program first": (
        "{path}：这个 PDF 只有图片没有文字；请先做文字识别"
    ),
    "{path}: is neither UTF-8 text nor a PDF; convert it to one of them": (
        "{path}：既不是 UTF-8 文本也不是 PDF；请先转换"
    ),
    "{path}: this PDF does not read: {error}": "{path}：读不了这个 PDF：{error}",
    "{path}: holds {done} answers, {batch} {count} questions; is it of another batch?": (
        "{path}：有 {done} 个回答，而 {batch} 只有 {count} 个问题；是不是另一批的？"
    ),
    '{path} line {number}: write "a question" or {{"question": "..."}}': (
        '{path} 第 {number} 行：请写 "问题" 或 {{"question": "..."}}'
    ),
    "{path} line {number}: not JSON: {error}": "{path} 第 {number} 行：不是 JSON：{error}",
    "{path}: not JSON: {error}": "{path}：不是 JSON：{error}",
    '{path}: not a JSON schema; write an object, e.g. {{"type": "object"}}': (
        '{path}：不是 JSON 模式；请写一个对象，例如 {{"type": "object"}}'
    ),
    "{path}: not a JSON schema: {where}: {error}": "{path}：不是 JSON 模式：{where}：{error}",
    "which one? yanray logs {action} NUMBER; yanray logs list shows them": (
        "哪一个？yanray logs {action} 编号；yanray logs list 可列出"
    ),
    "write yanray logs export NUMBER FILE.md (or FILE.json)": "请写 yanray logs export 编号 文件.md",
    "{word} is no conversation's number; yanray logs list shows them": (
        "{word} 不是对话编号；yanray logs list 可列出"
    ),
    "no tool {name}; there are: {names}": "没有工具 {name}；可用的有：{names}",
    "--text judges GGUF files; leave it out with --to {kind}": "--text 只用于 GGUF 文件；--to {kind} 请去掉",
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
    "context": "上下文",
    "threads": "线程",
    "batch": "批",
    "flash attention": "Flash Attention",
    "KV cache": "KV 缓存",
    "settings": "设置",
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
    "none": "无",
    "{path}, the last one {title}": "{path}，最近一个 {title}",
    "off (yanray logs on turns it on)": "已关闭（yanray logs on 可打开）",
    "nvidia-smi does not answer": "nvidia-smi 没有回应",
}
WITHIN = {"names", "offer", "problem", "why"}  # fields that hold a sentence, which may have a form too
FIELD = re.compile(r"\{(\w+)\}")


def chinese(text: str) -> str:
    """TEXT in Chinese where it has a form, else as it is."""
    for pattern, form in _patterns():
        found = pattern.fullmatch(text)
        if found:
            fields = found.groupdict().items()
            return form.format(
                **{name: chinese(value) if name in WITHIN else value for name, value in fields}
            )
    return text


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The forms as patterns; those that say most themselves come first."""
    ordered = sorted(FORMS, key=lambda form: -len(FIELD.sub("", form)))
    return [(_pattern(form), FORMS[form]) for form in ordered]


def _pattern(form: str) -> re.Pattern[str]:
    """FORM as a pattern: each field, at most as long as it must be."""
    parts = FIELD.split(form)
    plain = [re.escape(part.replace("{{", "{").replace("}}", "}")) for part in parts[::2]]
    fields = [f"(?P<{name}>.+?)" for name in parts[1::2]]
    return re.compile("".join(a + b for a, b in zip(plain, [*fields, ""], strict=True)), re.DOTALL)
