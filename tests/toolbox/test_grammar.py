"""The grammars are valid for llama.cpp, and what they describe is what `arguments` reads."""

from __future__ import annotations

import pytest

from yanray.paths import shipped
from yanray.toolbox.box import Toolbox
from yanray.toolbox.grammar import argument_grammar
from yanray.toolbox.spec import Parameter, ToolSpec

EXPECTED = {
    (): '""',
    (Parameter("what"),): r'" " [^ \n] [^\n]*',
    (Parameter("what", required=False),): r'( " " [^ \n] [^\n]* )?',
    (Parameter("sides", "integer"),): '" " ( "sides=" )? "-"? [0-9]+',
    (Parameter("way", "a|b\"c", False),): '( " " ( "way=" )? ( "a" | "b\\"c" ) )?',
}  # fmt: skip


@pytest.mark.parametrize("parameters", EXPECTED)
def test_the_grammar_of_some_signatures(parameters):
    assert argument_grammar(ToolSpec("x", "", parameters)) == EXPECTED[parameters]


def specs():
    kinds = ("text", "integer", "number", "yes|no", 'left|右|"q"|b\\s|c]')
    for first in kinds:
        for second in kinds:
            for required in (True, False):
                names = (Parameter("one", first, required), Parameter("text", second, required))
                yield ToolSpec("x", "", names)
    yield from (ToolSpec("x", "", parameters) for parameters in EXPECTED)


def test_llama_cpp_reads_every_grammar(capfd):
    llama_cpp = pytest.importorskip("llama_cpp")
    box = Toolbox([shipped("tools")])
    box.close()
    for rule in [*(argument_grammar(spec) for spec in specs()), *box.grammar().values()]:
        grammar = f'root ::= "/x" {rule} "\\n"'
        sampler = llama_cpp.llama_sampler_init_grammar(None, grammar.encode(), b"root")
        assert sampler, grammar
        llama_cpp.llama_sampler_free(sampler)
    assert not llama_cpp.llama_sampler_init_grammar(None, b'root ::= "/x" (', b"root")
    capfd.readouterr()
