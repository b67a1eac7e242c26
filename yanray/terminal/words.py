"""What the screen says, in English and Chinese."""

from __future__ import annotations

from typing import Literal, TypeAlias

from yanray.terminal.chinese import chinese

Language: TypeAlias = Literal["en", "zh"]

YES, NO = ("", "y", "yes", "是", "好"), ("n", "no", "否", "不")  # answers to a question, in both

WORDS: dict[str, tuple[str, str]] = {
    "greeting-bare": ("Yanray {version}.", "Yanray {version}。"),
    "greeting": ("Yanray {version} with {model}.", "Yanray {version}，模型 {model}。"),
    "greeting-embedded": (
        "Yanray {version} with nano, its small embedded model (better ones: yanray fit).",
        "Yanray {version}，自带的小模型 nano（更好的模型见 yanray fit）。",
    ),
    "greeting-keys": (
        "/help lists what there is. Ctrl-C stops an answer, Ctrl-D leaves.",
        "/help 列出全部命令。Ctrl-C 停止回答，Ctrl-D 离开。",
    ),
    "more-line": ("… the rest: Ctrl-T shows it", "… 其余按 Ctrl-T 查看"),
    "more-lines": ("… {count} more lines: Ctrl-T shows them", "… 还有 {count} 行，按 Ctrl-T 查看"),
    "thought": ("thought for {seconds} s · Ctrl-T shows it", "思考了 {seconds} 秒 · 按 Ctrl-T 查看"),
    "stopped": ("stopped", "已停止"),
    "error": ("error:", "出错："),
    "broke-off": (
        "the answer broke off: it reached max_tokens or filled the context (/set max_tokens NUMBER)",
        "回答中断：达到 sampling.max_tokens 或占满了上下文（/set max_tokens 数字）",
    ),
    "broke-off-lines": (
        "the answer broke off: sampling.max_tokens or the context was used up",
        "回答中断：达到 sampling.max_tokens 或占满了上下文",
    ),
    "loading": ("loading the model, {percent}%", "正在加载模型，{percent}%"),
    "reading": ("reading {done}/{total} tokens", "正在读入 {done}/{total} 个词元"),
    "seconds-left": (", {seconds} s left", "，还需 {seconds} 秒"),
    "of": ("of", "/"),
    "tokens-per-second": ("tokens/s", "词元/秒"),
    "tools": ("{count} tools", "{count} 个工具"),
    "loading-model": ("loading", "加载中"),
    "how-to-leave": ("(Ctrl-D leaves)", "（按 Ctrl-D 离开）"),
    "queued": ("next: {line}", "接下来：{line}"),
    "no-result": ("no result yet", "还没有工具结果"),
    "schema": (
        "Answer with one JSON value of this schema, and nothing else:",
        "只回答一个符合以下模式的 JSON 值，不要写别的：",
    ),
    "schema-broken": ("the answer is not whole JSON: {error}", "回答不是完整的 JSON：{error}"),
    "schema-unmet": (
        "the answer does not keep the schema: {where}: {error}",
        "回答不符合模式：{where}：{error}",
    ),
    "reminder": ("reminder: {text}", "提醒：{text}"),
    "kept": (
        "Kept as conversation {id}; yanray chat -c goes on with it.",
        "已存为对话 {id}；yanray chat -c 可继续。",
    ),
    "unknown-command": (
        "there is no /{name}; did you mean /{near}? (a message may begin with a slash: write two)",
        "没有 /{name}；是想用 /{near} 吗？（以斜杠开头的消息请写两个：//）",
    ),
    "no-command": (
        "there is no /{name}; /help lists what there is (a message may begin with a slash: write two)",
        "没有 /{name}；/help 列出全部命令（以斜杠开头的消息请写两个：//）",
    ),
    "crashed": (
        "the model failed: {error} (the chat goes on; ask again, or /model to take another)",
        "模型出错：{error}（对话仍可继续；可重新提问，或用 /model 换一个）",
    ),
    "confirm": ("run {command}? [Y/n/e/a/?]", "运行 {command} 吗？[Y/n/e/a/?]"),
    "confirm-tool-text": (
        "run {command}, whose text came from a tool? [Y/n/e/?]",
        "运行 {command} 吗？其中的文字来自工具。[Y/n/e/?]",
    ),
    "confirm-help": (
        "y: yes · n: no · e: change the argument first · a: yes, and do not ask about this tool again",
        "y：是 · n：否 · e：先改参数 · a：是，以后不再问这个工具",
    ),
    # -- session commands
    "help-tools": ("Tools (you may call them too):", "工具（你也可以直接调用）："),
    "help-commands": ("Commands of the chat:", "对话命令："),
    "help-keys": (
        "Keys: Ctrl-J or Alt-Enter new line · Ctrl-R search in what you typed · Ctrl-G editor · "
        "Ctrl-T last result whole · Ctrl-C stop · Ctrl-D leave",
        "按键：Ctrl-J 或 Alt-Enter 换行 · Ctrl-R 搜索输入历史 · Ctrl-G 编辑器 · "
        "Ctrl-T 查看完整结果 · Ctrl-C 停止 · Ctrl-D 离开",
    ),
    "help-search": (
        "/search and /system are tools: /find searches in conversations, /prompt sets the prompt.",
        "/search 和 /system 是工具；搜索对话用 /find，设置提示词用 /prompt。",
    ),
    "new": ("a new conversation", "新对话"),
    "nothing-kept": ("nothing is kept yet", "还没有保存的对话"),
    "nothing-found": ("nothing found for {words!r}", "没有找到 {words!r}"),
    "find-needed": ("what for? /find WORDS", "找什么？/find 词语"),
    "fork-usage": (
        "write /fork, or /fork TURNS for a copy of the first ones, e.g. /fork 2",
        "请写 /fork，或 /fork 回合数（只复制前几个回合），如 /fork 2",
    ),
    "which-conversation": (
        "which one? /list shows them: /resume NUMBER",
        "哪一个？/list 可列出：/resume 编号",
    ),
    "resumed": ("conversation {id}: {title} ({count} messages)", "对话 {id}：{title}（{count} 条消息）"),
    "renamed": ("this conversation is called {title!r} now", "对话已改名为 {title!r}"),
    "title-needed": ("what shall it be called? /rename TITLE", "叫什么名字？/rename 标题"),
    "nothing-said": ("nothing has been said yet", "还没有内容"),
    "exported": ("written to {path}", "已写入 {path}"),
    "export-needed": (
        "where to? /export FILE.md or /export FILE.json",
        "写到哪里？/export 文件.md 或 /export 文件.json",
    ),
    "undone": ("taken back: {line} (/redo brings it back)", "已撤回：{line}（/redo 恢复）"),
    "nothing-to-redo": ("nothing to bring back", "没有可恢复的内容"),
    "redone": ("brought back: {line}", "已恢复：{line}"),
    "forked": (
        "conversation {id} goes on from here; {old} stays as it is",
        "从这里另起对话 {id}；{old} 保持不变",
    ),
    "model-is": (
        "{model}, context {context} tokens; another one: /model FILE.gguf",
        "{model}，上下文 {context} 个词元；换模型：/model 文件.gguf",
    ),
    "model-loading": ("the model is not loaded yet", "模型还没有加载"),
    "adapters-on": ("the model wears {names} now", "模型现在使用适配器 {names}"),
    "adapters-off": ("the model wears no adapter now", "模型现在不使用适配器"),
    "adapters-none": (
        "no adapters yet; each is a folder in {folder}",
        "还没有适配器；每个适配器是 {folder} 里的一个文件夹",
    ),
    "prompt-set": ("the prompt begins with your text now", "提示词已换成你的文字"),
    "set-unknown": ("no setting {key!r}; there are: {known}", "没有设置 {key!r}；可用：{known}"),
    "tools-usage": (
        "write /tools, or /tools show NAME, e.g. /tools show calculate",
        "请写 /tools，或 /tools show 名称，例如 /tools show calculate",
    ),
    "set-usage": (
        "write /set NAME VALUE, e.g. /set temperature 0.7",
        "请写 /set 名称 值，例如 /set temperature 0.7",
    ),
    "set-bad": ("{key}: {problem} (got {value})", "{key}：{problem}（得到 {value}）"),
    "saved": ("written to {path}: {keys}", "已写入 {path}：{keys}"),
    "nothing-to-save": (
        "nothing was changed with /set, /model, /adapter or /prompt (conversations are kept by themselves)",
        "没有用 /set、/model、/adapter 或 /prompt 改过设置（对话会自动保存）",
    ),
    "no-answer": ("there is no answer to mark yet", "还没有可标记的回答"),
    "marked": ("noted: {mark}", "已记下：{mark}"),
    "fix-needed": ("what should it have said? /fix TEXT", "应该怎么说？/fix 正确的回答"),
    "why-none": ("no turn yet", "还没有回合"),
    "context-total": ("{used} of {context} tokens", "{context} 个词元中已用 {used} 个"),
    "context-system": ("system prompt with {tools} tools: {tokens}", "系统提示与 {tools} 个工具：{tokens}"),
    "context-turn": ("{tokens:>6}  {line}", "{tokens:>6}  {line}"),
    "context-summary": ("they are summed up as: {text}", "概括为：{text}"),
    "context-left-out": (
        "{count} older messages are left out, {folded} results folded",
        "较早的 {count} 条消息已略去，{folded} 个结果已折叠",
    ),
}


class Words:
    """The words in one language. Calling it with a key gives the text, its fields filled in."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, key: str, /, **fields: object) -> str:
        """The text KEY."""
        return WORDS[key][self.language == "zh"].format(**fields)

    def told(self, text: str) -> str:
        """TEXT, a notice or an error that was written in English, in the language."""
        return chinese(text) if self.language == "zh" else text
