"""Yanray's own errors in Chinese: models, settings, conversations, files."""

from __future__ import annotations

FORMS = {
    # models
    "{name}: no such file, and no pulled model of that name; pulled are: {names}. "
    "Give -m the path of a GGUF file, or fetch one: yanray pull {again}": (
        "{name}：没有这个文件，也没有下载过这个名字的模型；已下载：{names}。"
        "请用 -m 给出 GGUF 文件的路径，或先下载：yanray pull {again}"
    ),
    "{name}: no such server under `remote` in config.yaml; there are: {names}": (
        "{name}：config.yaml 的 `remote` 下没有这个服务器；有：{names}"
    ),
    "{path}: the embedded model is missing from this installation; give -m a GGUF file": (
        "{path}：安装中缺少自带的模型；请用 -m 给出一个 GGUF 文件"
    ),
    "{folder}: is shipped, not your own; it stays": "{folder}：是随程序附带的，不是你自己的；保留不动",
    "{name}: config.yaml puts it on, but it is not there; yanray adapters use chooses anew": (
        "{name}：config.yaml 里写着要用它，但它已不在；用 yanray adapters use 重新选择"
    ),
    "{name}: named twice; for more of it write {more}": "{name}：写了两次；想加强请写 {more}",
    "the adapter {name} was trained on another model than {model}: {base}; choose that, or yanray adapters "
    "use takes it off": (
        "适配器 {name} 不是为 {model} 训练的，而是为 {base}；请选那个模型，或用 yanray adapters use 取下它"
    ),
    "--gather writes a file and --data learns one: give one of them": (
        "--gather 写文件，--data 学文件：只能给一个"
    ),
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
    "command line: unknown key {key}; the keys are in {known}": "命令行：未知的键 {key}；全部键见 {known}",
    "command line: {key}: {problem} (got {value})": "命令行：{key}：{problem}（得到 {value}）",
    "{path}: {key}: {problem} (got {value})": "{path}：{key}：{problem}（得到 {value}）",
    "Input should be a valid number, unable to parse string as a number": "应为数字",
    "Input should be a valid integer, unable to parse string as an integer": "应为整数",
    "Input should be a valid boolean, unable to interpret input": "应为 true 或 false",
    "Input should be greater than or equal to {least}": "应不小于 {least}",
    "Input should be less than or equal to {most}": "应不大于 {most}",
    "Input should be greater than {least}": "应大于 {least}",
    "Input should be less than {most}": "应小于 {most}",
    "Input should be {choices}": "应为 {choices}",
    "write auto, or {what}": "请写 auto，或 {what}",
    "write a number from {least} to {most}": "请写 {least} 到 {most} 的数",
    "write a number above {least}, at most {most}": "请写大于 {least}、不超过 {most} 的数",
    "write a whole number from {least} to {most}": "请写 {least} 到 {most} 的整数",
    "auto, or {what}": "auto，或 {what}",
    "a number from {least} to {most}": "{least} 到 {most} 的数",
    "a number above {least}, at most {most}": "大于 {least}、不超过 {most} 的数",
    "a whole number from {least} to {most}": "{least} 到 {most} 的整数",
    # conversations and files
    "/{name} failed: {error}": "/{name} 没有成功：{error}",
    "there is no conversation {id}; `yanray logs list` shows those that there are": (
        "没有对话 {id}；`yanray logs list` 可列出已有的"
    ),
    "{path}: cannot be opened ({error}); see that it may be written and the disk has room": (
        "{path}：无法打开（{error}）；请确认可写、磁盘有空间"
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
    # tools' files
    'begin the file with """What the tool does, in one line."""': (
        '文件请以 """一行说明工具做什么。""" 开头'
    ),
    "rename it: a tool's name is a lower-case letter, then a-z, 0-9, _ and -": (
        "请改名：工具名先是小写字母，再是 a-z、0-9、_ 和 -"
    ),
    "rename it: /{name} is a command of the chat itself": "请改名：/{name} 是对话自己的命令",
    "not Python: {error}; mend the line and save": "不是 Python：{error}；请修改这一行并保存",
    "not Python: {error}; write a plain text file": "不是 Python：{error}；请写成纯文本文件",
    "needs {package}, which is not installed: pip install {again}": (
        "需要 {package}，尚未安装：pip install {again}"
    ),
    "write `def run`, not `async def run`": "请写 `def run`，不要 `async def run`",
    "name each parameter of run: no *args, no **kwargs, no /": (
        "run 的每个参数都要有名字：不要 *args、**kwargs 和 /"
    ),
    "has no function `run`; write `def run(text: str) -> str:`": (
        "没有函数 `run`；请写 `def run(text: str) -> str:`"
    ),
    "write the value of {name} out: it is read, not run": "{name} 的值请直接写出：只读取，不运行",
    "{name} must be {wanted}": "{name} 应为 {wanted}",
    "the annotation {annotation} is not Python": "类型标注 {annotation} 不是 Python",
}
