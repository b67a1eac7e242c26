"""Training and learning, and the transformers folders that they begin from: errors in Chinese."""

from __future__ import annotations

FORMS = {
    # what is asked for
    "training needs {packages}: pip install {again}": "训练需要 {packages}：pip install {again}",
    "{name} is {value}: must be more than 0": "{name} 是 {value}：应大于 0",
    "dropout must be in 0 <= p < 1 and warmup a share from 0 to 1": (
        "dropout 应为 0 <= p < 1，warmup 为 0 到 1"
    ),
    "tokens is {value}: a row holds at least 2, the second learnt from the first": (
        "tokens 是 {value}：一行至少 2 个词元，第二个由第一个学得"
    ),
    "--targets {wanted}: the model has no layer {missing}; it has {known}": (
        "--targets {wanted}：模型没有 {missing} 层；有：{known}"
    ),
    "adamw8bit needs bitsandbytes; pip install 'yanray[train]', or choose adamw": (
        "adamw8bit 需要 bitsandbytes；请 pip install 'yanray[train]'，或选 adamw"
    ),
    "{name}: a name, not a path; adapters stand in your own folder": (
        "{name}：请写名字，不要写路径；适配器放在你自己的文件夹里"
    ),
    # data
    "--data {path}: cannot be read: {why}": "--data {path}：无法读取：{why}",
    "No such file or directory": "没有这个文件",
    "Is a directory": "这是文件夹",
    "Permission denied": "没有权限",
    "--data {path}: not JSON: {error}; is it a .jsonl?": "--data {path}：不是 JSON：{error}；是不是 .jsonl？",
    "--data {path} line {number}: {error}; mend it or take it out": (
        "--data {path} 第 {number} 行：{error}；请改正或删去"
    ),
    "{paths}: holds nothing to learn from; see above": "{paths}：没有可学的内容；原因见上",
    "{count} turns to learn from: at least {least} are needed; mark answers in a chat "
    "with /good and /fix, or give --data a file with more": (
        "只有 {count} 个回合可学，至少要 {least} 个；请在对话里用 /good、/fix 标记，或用 --data 给出更多"
    ),
    # base and output
    "{path}: of GGUF files only the embedded model's kind can be trained ({error}); give the "
    "folder of safetensors that it was made of": (
        "{path}：GGUF 文件中只有自带模型这一种可以训练；请给出它的原 safetensors 文件夹"
    ),
    "{path}: is there already; --resume goes on from it, another --out begins anew": (
        "{path}：已经有了；--resume 可从它继续，换个 --out 则重新开始"
    ),
    "{path}: is of a training with {told}; give that again, or another --out": (
        "{path}：属于另一次训练（{told}）；请照原样再给，或换一个 --out"
    ),
    "{path}: is there already; name a new folder, or remove it": "{path}：已经有了；请另取名字，或先删除它",
    "{path}: is quantized; merging would round its weights again and lose what was learnt. "
    "Give the 16-bit folder that it was made of, and quantize the result": (
        "{path}：已经量化；合并会再次舍入权重，学到的会丢失。请给出它的 16 位原文件夹，合并后再量化"
    ),
    "{path}: {name} cannot be merged into {base}: {error}": "{path}：{name} 不能并入 {base}：{error}",
    "There is no checkpoint {path}: leave out --resume to begin anew.": (
        "没有检查点 {path}：去掉 --resume 即重新开始。"
    ),
    "{path} holds no weights of this training ({error}): give its .safetensors or .pt.": (
        "{path} 不含这次训练的权重（{error}）：请给出它的 .safetensors 或 .pt。"
    ),
    # room
    "{path}: cannot be written ({error}); make room, or name another --out": (
        "{path}：无法写入（{error}）；请腾出空间，或换个 --out"
    ),
    "{path}: cannot be written ({error}); make room, or name another folder": (
        "{path}：无法写入（{error}）；请腾出空间，或换个文件夹"
    ),
    "{path}: training it needs {size}, {device} has {free} free; {offer}": (
        "{path}：训练它要 {size}，{device} 空闲 {free}；{offer}"
    ),
    "{path}: training it needs {size} for each of {count} processes, {device} has {free} free; {offer}": (
        "{path}：{count} 个进程每个训练要 {size}，{device} 空闲 {free}；{offer}"
    ),
    "take a smaller model: with {options} it would still need {size}": (
        "请换小一些的模型：即使用 {options} 也还需要 {size}"
    ),
    "fewer processes": "请减少进程",
    # folders that are quantized
    "{path}: a file; {kind} is made of a folder with config.json and safetensors; name that, or of "
    "a GGUF file make another one: {command}": (
        "{path}：这是文件；{kind} 由带 config.json 和 safetensors 的文件夹制成，请给出它；"
        "GGUF 文件可做成另一个 GGUF：{command}"
    ),
    "{path}: {kind} is made of a folder with config.json and safetensors; name one": (
        "{path}：{kind} 由带 config.json 和 safetensors 的文件夹制成；请给出这样的文件夹"
    ),
    "{path}: is quantized already; give the 16-bit folder that it was made of, or run it as it "
    "is: {command}": ("{path}：已经量化；请给出它的 16 位原文件夹，或直接运行：{command}"),
    "{kind} needs {package}; pip install {again}": "{kind} 需要 {package}；请 pip install {again}",
    "{folder}: transformers cannot load it: {error}; take a folder of whole .safetensors, of a model "
    "that it knows without code of its own": (
        "{folder}：transformers 无法加载：{error}；请给出完整的 .safetensors 文件夹，"
        "且是它不用附带代码就认识的模型"
    ),
    # folders of transformers
    "{path}: cannot be read: {error}; give a folder that transformers wrote": (
        "{path}：无法读取：{error}；请给出 transformers 写成的文件夹"
    ),
    "{path}: names no `model_type`; give a folder that transformers wrote": (
        "{path}：没有 `model_type`；请给出 transformers 写成的文件夹"
    ),
    "{folder}: holds no .safetensors; weights as pickles (.bin) run code when they are read, so "
    "convert them to safetensors first": (
        "{folder}：没有 .safetensors；pickle 权重（.bin）读取时会运行代码，请先转换成 safetensors"
    ),
    "{folder}: its weights are {method}; that needs {packages}: pip install {again}; or give a GGUF": (
        "{folder}：权重是 {method}，需要 {packages}：pip install {again}；或改用 GGUF"
    ),
    "{folder}: transformers cannot load it: {error}; take a model that it knows without code of "
    "its own, or a GGUF": (
        "{folder}：transformers 无法加载：{error}；请换它不用附带代码就认识的模型，或改用 GGUF"
    ),
    "`machine.load: {load}` needs {package}: pip install {again}": (
        "`machine.load: {load}` 需要 {package}：pip install {again}"
    ),
    "{folder}: needs {size}, {card} has {free} free; take a smaller model, "
    "or a GGUF, of which the GGUF core puts on a card what fits": (
        "{folder}：要 {size}，{card} 空闲 {free}；请换小一些的模型，或改用 GGUF，显卡上能放多少放多少"
    ),
    "{folder}: needs {size} as {load}, {card} has {free} free; set `machine.load` to {fits}, or give a GGUF "
    "of it, {files}, of which the GGUF core puts on a card what fits: {command}": (
        "{folder}：{load} 要 {size}，{card} 空闲 {free}；请把 `machine.load` 设为 {fits}，"
        "或改用 GGUF（{files}），显卡上能放多少放多少：{command}"
    ),
    "{folder}: needs {size} as {load}, {card} has {free} free; give a GGUF of it, {files}, of which the "
    "GGUF core puts on a card what fits: {command}": (
        "{folder}：{load} 要 {size}，{card} 空闲 {free}；请改用 GGUF（{files}），"
        "显卡上能放多少放多少：{command}"
    ),
    "{path}: damaged or cut short ({error}); fetch it again": "{path}：损坏或不完整（{error}）；请重新下载",
}
