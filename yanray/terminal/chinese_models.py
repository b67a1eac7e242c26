"""Finding, reading, fetching and fitting models and adapters: errors and advice in Chinese."""

from __future__ import annotations

FORMS = {
    "none": "无",
    "none yet": "还没有",
    # adapters and the catalogue
    "{name}: no such adapter; there are: {names}, looked for in {folder}": (
        "{name}：没有这个适配器；有：{names}（在 {folder} 里找）"
    ),
    "{text}: write NAME or NAME:SCALE, e.g. {name}:0.5": "{text}：请写 名称 或 名称:强度，如 {name}:0.5",
    "{path}: not a LoRA adapter's configuration ({error}); give a folder that PEFT wrote": (
        "{path}：不是 LoRA 适配器的配置（{error}）；请给出 PEFT 写成的文件夹"
    ),
    "{path}: holds {kinds}, which cannot be applied while running; merge it into its "
    "base model, or train a plain LoRA": (
        "{path}：含有 {kinds}，运行时用不了；请合并进原模型，或训练普通的 LoRA"
    ),
    "{path}: holds {kinds}; only lora_A and lora_B of linear layers can be applied": (
        "{path}：含有 {kinds}；只能用线性层的 lora_A 和 lora_B"
    ),
    "{path}: not an adapter's note: {error}; write `base: ...` and `for: ...`": (
        "{path}：不是适配器的说明：{error}；请写 `base: ...` 和 `for: ...`"
    ),
    "{name} has no {format}; there are: {names}": "{name} 没有 {format}；有：{names}",
    "{text}: write hf:owner/repo/file, ms:owner/repo/file or an URL": (
        "{text}：请写 hf:作者/仓库/文件、ms:作者/仓库/文件或网址"
    ),
    "{path}: an entry does not read ({error}); see {example} for its form": (
        "{path}：有一项读不出（{error}）；格式见 {example}"
    ),
    "{text}: not in the catalogue; write hf:owner/repo/file, an URL, or one of: {names}": (
        "{text}：目录里没有；请写 hf:作者/仓库/文件、网址，或其中之一：{names}"
    ),
    "{text}: no such file and no model of that name; there are: {names}": (
        "{text}：没有这个文件，也没有这个名字的模型；有：{names}"
    ),
    "{name}: no pulled model of that name; there are: {names}": (
        "{name}：没有下载过这个名字的模型；有：{names}"
    ),
    # headers
    "{path}: a {family} model keeps no KV cache; its memory is not reckoned here": (
        "{path}：{family} 模型没有 KV 缓存；这里不计算它的内存"
    ),
    "{path}: holds none of {keys}; is it the config.json of a language model?": (
        "{path}：没有 {keys} 中的任何一项；这是语言模型的 config.json 吗？"
    ),
    "config.json of a {family} model without intermediate_size; its size cannot be told": (
        "{family} 模型的 config.json 没有 intermediate_size；算不出大小"
    ),
    "{path}: cut short: {size} of at least {least} bytes; fetch it again": (
        "{path}：不完整：至少 {least} 字节，只有 {size}；请重新下载"
    ),
    "{path}: cut short: {size} bytes, but its header goes on to {least}; fetch it again": (
        "{path}：不完整：只有 {size} 字节，文件头到 {least}；请重新下载"
    ),
    "{path}: cut short: {size} bytes where its header says {stated}; fetch it again": (
        "{path}：不完整：{size} 字节，文件头说是 {stated}；请重新下载"
    ),
    "{path}: damaged: {size} bytes where its header says {stated}; fetch it again": (
        "{path}：损坏：{size} 字节，文件头说是 {stated}；请重新下载"
    ),
    "{path}: damaged: its header claims {size}; fetch it again": (
        "{path}：损坏：文件头说有 {size}；请重新下载"
    ),
    "{path}: damaged, or newer than Yanray: a tensor of type {code}": (
        "{path}：损坏，或比 Yanray 新：有类型 {code} 的张量"
    ),
    "{path}: not a GGUF file (it begins with {start}); name a .gguf file": (
        "{path}：不是 GGUF 文件（开头是 {start}）；请给出 .gguf 文件"
    ),
    "{path}: a GGUF file {version}; versions 2 and 3, little-endian, can be read": (
        "{path}：这个 GGUF 文件（{version}）读不了；能读小端的第 2、3 版"
    ),
    "{path}: has no {key}; is it a whole language model?": "{path}：没有 {key}；这是完整的语言模型吗？",
    "{path}: begins with {start}: neither GGUF nor safetensors nor a config.json": (
        "{path}：开头是 {start}：不是 GGUF、safetensors，也不是 config.json"
    ),
    "{path}: holds {kinds}; name one file": "{path}：含有 {kinds}；请指定一个文件",
    "{path}: not JSON: {error}; fetch it again": "{path}：不是 JSON：{error}；请重新下载",
    "{path}: holds a JSON {kind}, not an object": "{path}：是 JSON 的 {kind}，不是对象",
    "{path}: not a safetensors file (its header would be {size} bytes long)": (
        "{path}：不是 safetensors 文件（文件头会有 {size} 字节）"
    ),
    "{path}: not a safetensors file: its header cannot be read; fetch it again": (
        "{path}：不是 safetensors 文件：读不出文件头；请重新下载"
    ),
    # fetching
    "{name}: another pull is fetching it; waiting for that": "{name}：另一个 pull 正在下载；等它完成",
    "{name}: {problem}; fetching it again": "{name}：{problem}；重新下载",
    "{name}: {problem}; starting over": "{name}：{problem}；从头下载",
    "{url}: {problem}, twice; nothing was kept: try another source": (
        "{url}：{problem}，两次都是；没有保留：请换个来源"
    ),
    "{url}: {problem}; {count} bytes are kept: {again}, or try another mirror": (
        "{url}：{problem}；已保留 {count} 字节：{again}，或换个镜像"
    ),
    "the same command goes on from there": "同一命令可从那里继续",
    "try later": "请稍后再试",
    "{count} bytes came instead of {stated}": "收到 {count} 字节，应为 {stated}",
    "its SHA-256 is not the one that was announced": "SHA-256 与公布的不同",
    "it ended at byte {count} of {stated}": "在第 {count} 字节中断，共 {stated}",
    "the file has changed on the server": "服务器上的文件变了",
    "the file has changed: it has {count} bytes instead of {stated}": (
        "文件变了：有 {count} 字节，不是 {stated}"
    ),
    "the server has no byte {count} of this file": "服务器上没有这个文件的第 {count} 字节",
    "the server answers {status}": "服务器回应 {status}",
    "the server sent bytes from {count} on instead of {stated}": "服务器从第 {count} 字节发送，应从 {stated}",
    "it offers {count} bytes where the listing says {stated}": "服务器给 {count} 字节，列表说是 {stated}",
    "the server sends more than the {count} bytes it announced": "服务器发来的比公布的 {count} 字节多",
    "the transfer failed: {error}": "传输失败：{error}",
    "{path}: is there already, but is another file; remove it first (yanray models rm)": (
        "{path}：已经有了，但是另一个文件；请先删除（yanray models rm）"
    ),
    "{reference}: no such file; the models there are: {names}": "{reference}：没有这个文件；有：{names}",
    "{reference}: holds several models; add the file's name: {names}": (
        "{reference}：有几个模型；请加上文件名：{names}"
    ),
    "{address}: not a listing of files; is the address of the hub right?": (
        "{address}：不是文件列表；模型站的地址对吗？"
    ),
    "{text}: write {hub}:owner/repository or {again}:owner/repository/file": (
        "{text}：请写 {hub}:作者/仓库 或 {again}:作者/仓库/文件"
    ),
    "{text}: names no file; add the file's name": "{text}：没有文件名；请加上",
    "{path}: {free} GB free, and {size} GB would be fetched; make "
    "room (yanray models shows what each model takes) or set YANRAY_HOME to a larger disk": (
        "{path}：空闲 {free} GB，要下载 {size} GB；请腾出空间（yanray models 可查看各模型大小），"
        "或把 YANRAY_HOME 设到更大的磁盘"
    ),
    "{name}: the listing names a file outside of its own folder; it is not fetched": (
        "{name}：列表里的文件在自己的文件夹之外；不下载"
    ),
    "{name}: the server sent less than it was asked for; try again": "{name}：服务器发来的比要的少；请再试",
    "{url}: cannot be reached: {error}; check the network, or set HF_ENDPOINT to a mirror": (
        "{url}：连不上：{error}；请检查网络，或把 HF_ENDPOINT 设为镜像"
    ),
    "{url}: the server answers {status}: {why}": "{url}：服务器回应 {status}：{why}",
    "it asks for a token: set HF_TOKEN (or MODELSCOPE_API_TOKEN) in the environment": (
        "需要令牌：请设置环境变量 HF_TOKEN（或 MODELSCOPE_API_TOKEN）"
    ),
    "access is refused: accept the model's licence on its page, and set HF_TOKEN in the environment": (
        "拒绝访问：请在模型页面接受许可，并设置环境变量 HF_TOKEN"
    ),
    "there is no such file; check the spelling": "没有这个文件；请检查拼写",
    "the server asks to be left alone for a while; try again later": "服务器要求暂停；请稍后再试",
    "try again later, or from another mirror (HF_ENDPOINT)": "请稍后再试，或换个镜像（HF_ENDPOINT）",
    "{url}: a partial answer without a usable Content-Range ({stated})": (
        "{url}：分段回应的 Content-Range 不能用（{stated}）"
    ),
    "{url}: the server does not send parts of files, so its header cannot be read ahead": (
        "{url}：服务器不支持分段，不能先读文件头"
    ),
    "{url}: answers with something that is not JSON; is the address right?": (
        "{url}：回应不是 JSON；地址对吗？"
    ),
    "{url}: the server has no byte {count} of this file; it may have changed": (
        "{url}：服务器上没有第 {count} 字节；文件可能变了"
    ),
    # fit
    "--context takes a number of tokens, e.g. --context 8192": "--context 要一个词元数，如 --context 8192",
    "no machine {name}; there are: {names}": "没有机器 {name}；有：{names}",
    "{path}: write `name: {{ram: ..., bandwidth: ...}}` entries": (
        "{path}：请写 `名称: {{ram: ..., bandwidth: ...}}` 这样的项"
    ),
    "machine {name}: {error}; see {path} for what an entry holds": (
        "机器 {name}：{error}；每项的内容见 {path}"
    ),
    "{format}: {why}.": "{format}：{why}。",
    "LLM.int8() needs compute capability 7.5; use nf4, or q8_0 with llama.cpp": (
        "LLM.int8() 需要计算能力 7.5；请用 nf4，或用 llama.cpp 的 q8_0"
    ),
    "bitsandbytes needs compute capability 6.0; use q4_k_m with llama.cpp": (
        "bitsandbytes 需要计算能力 6.0；请用 llama.cpp 的 q4_k_m"
    ),
    "bfloat16 needs compute capability 8.0; use f16, or f32 for computing": (
        "bfloat16 需要计算能力 8.0；请用 f16，计算用 f32"
    ),
    "fp16 runs at 1/64 of the fp32 rate: compute in float32 (bnb_4bit_compute_dtype=float32); "
    "llama.cpp uses the card's int8 dot products instead and is the better choice.": (
        "fp16 只有 fp32 的 1/64 速度：请用 float32 计算（bnb_4bit_compute_dtype=float32）；"
        "llama.cpp 用显卡的 int8 点积，是更好的选择。"
    ),
    "torch carries kernels for {kernels} only in its cu126 wheels, before 2.15: {command}": (
        "torch 只有 2.15 之前的 cu126 版带 {kernels} 的内核：{command}"
    ),
    "llama.cpp carries {kernels} only when built with CUDA 12: {command}": (
        "llama.cpp 用 CUDA 12 编译才带 {kernels}：{command}"
    ),
    "Nvidia's driver 580 is the last for this card; torch.compile does not run on it.": (
        "这块卡的最后一版 Nvidia 驱动是 580；不能用 torch.compile。"
    ),
    "Its GPU (compute capability {compute}) stopped at CUDA 10.2, which neither torch's "
    "nor llama.cpp's present builds carry: reckoned for its CPU.": (
        "它的 GPU（计算能力 {compute}）停在 CUDA 10.2，现在的 torch 和 llama.cpp 都不支持：按 CPU 计算。"
    ),
}
