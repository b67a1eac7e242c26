"""The chat templates of the ChatGLM family, as its tokenizers build their prompts (build_chat_input and
build_prompt in tokenization_chatglm.py of each model).

`metadata` is the line of the assistant's role: empty for an answer, a tool's name for a call. The model
writes it itself, so a prompt ends with the bare role.
"""

from __future__ import annotations

CHATGLM2 = (
    "{%- set ns = namespace(round=0) -%}{{- '[gMASK]sop' -}}"
    "{%- for message in messages -%}"
    "{%- if message.role != ('user' if loop.index0 % 2 == 0 else 'assistant') -%}"
    "{{- raise_exception('this model knows only questions and answers, in turn') -}}{%- endif -%}"
    "{%- if message.role == 'user' -%}{%- set ns.round = ns.round + 1 -%}"
    "{{- '[Round ' ~ ns.round ~ ']\n\n问：' + message.content + '\n\n答：' -}}"
    "{%- else -%}{{- message.content + '\n\n' -}}{%- endif -%}{%- endfor -%}"
)


def _roles(opening: str, space: str) -> str:
    return (
        "{%- for message in messages -%}{%- if loop.first -%}{{- '" + opening + "' -}}{%- endif -%}"
        "{%- set role = 'observation' if message.role == 'tool' else message.role -%}"
        "{{- '<|' + role + '|>' + (message.metadata or '') + '\n" + space + "' + message.content -}}"
        "{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}"
    )


# ChatGLM3's tokenizer begins every text with a space of its own; GLM-4's does not.
TEMPLATES = {2: CHATGLM2, 3: _roles("[gMASK]sop", " "), 4: _roles("[gMASK]<sop>", "")}
