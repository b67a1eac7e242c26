"""What a turn says of itself, in Chinese: notices, and /why."""

from __future__ import annotations

FORMS = {
    # notices
    "/{name} was called like this before; it was not run again": "/{name} 刚才已这样调用过，没有再次运行",
    "/{name} was called over and over; the answer was asked for": "/{name} 被反复调用，已要求直接回答",
    "/{call}: {numbers} stands nowhere in the conversation": (
        "/{call}：对话中没有出现过 {numbers}，已请模型重写"
    ),
    "nothing of this conversation is kept: {path}: cannot be opened ({error}); "
    "see that it may be written and the disk has room": (
        "这个对话没有保存：{path}：无法打开（{error}）；请确认可写、磁盘有空间"
    ),
    "this conversation could not be written ({error}); the next turn tries again": (
        "这个对话没能写入磁盘（{error}）；下一回合会再试"
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
}
