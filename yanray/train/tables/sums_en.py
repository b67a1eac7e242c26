"""How English speakers ask for a sum; noun phrases and orders are set into `ASK` and `ASK_ORDER`."""

from __future__ import annotations

from yanray.train.phrasing import lines

ASK = lines(
    """
    what is {it}?
    what is {it}?
    what's {it}?
    whats {it}
    [what|wat] does {it} [equal|make|come to|come out to|give]?
    how much is {it}?
    how much does {it} [come to|make]?
    calculate {it}[.|]
    [please |pls |]calculate {it}[ please| for me|]
    compute {it}
    [can|could|would] you [calculate|compute|work out|figure out|do|find|tell me] {it}[ for me| please|]?
    can you [tell me|work out|figure out] what {it} is?
    [could|can] you help me with {it}?
    tell me [what {it} is|{it}|the answer to {it}]
    work out {it}[ please|.|]
    {it}
    {it}?
    {it} =
    {it} = ?
    {it} [is what|equals what|makes what]?
    {it}, [please|what is that|what does that make|how much is that]?
    find {it}[.|]
    give me {it}
    i need [to know |]{it}
    i [want|need] to know [what {it} is|how much {it} is]
    do you know [what {it} is|how much {it} makes]?
    what would {it} [be|come to|make]?
    what do you get for {it}?
    what[ is|'s] the [answer|result|value|solution] [of|to|for] {it}?
    [solve|evaluate|answer] {it}[.| for me|]
    i'm trying to work out {it}
    any idea what {it} is?
    how do you work out {it}?
    let me know what {it} [is|comes to]
    {it} equals
    """
)

ASK_ORDER = lines(
    """
    {it}
    {it}[.|]
    please {it}
    {it} please
    {it} for me[ please|]
    can you {it}[ for me| please|]?
    could you {it}[ for me|]?
    will you {it}[ for me|]?
    what do i get if i {it}?
    what do you get [if|when] you {it}?
    what is the [answer|result] if [i|you] {it}?
    if i {it}, what do i [get|have]?
    if you {it} what [do you get|is the result|is it]?
    i want to {it}
    i need to {it}
    i'd like you to {it}
    help me {it}
    how do i {it}?
    what happens when you {it}?
    """
)

ADD = lines(
    """
    {a} plus {b}
    {a} plus {b}
    {a} + {b}
    {a}+{b}
    {a} and {b} [together|combined|added together|put together|added up]
    {a} added to {b}
    the sum of {a} and {b}
    the total of {a} and {b}
    the sum of {a} plus {b}
    {a} increased by {b}
    {b} more than {a}
    {a} add {b}
    the sum when {a} is added to {b}
    """
)
ADD_ORDER = lines(
    """
    add {a} and {b}[ together| up|]
    add {a} to {b}
    add {b} to {a}
    add {a} plus {b}
    sum {a} and {b}
    put {a} and {b} together
    take {a} and add {b}[ to it|]
    increase {a} by {b}
    combine {a} and {b}
    """
)

SUBTRACT = lines(
    """
    {a} minus {b}
    {a} minus {b}
    {a} - {b}
    {a}-{b}
    {a} take away {b}
    {a} less {b}
    {b} less than {a}
    {b} [subtracted|taken|taken away|deducted] from {a}
    {b} from {a}
    the difference [between|of] {a} and {b}
    {a} decreased by {b}
    {a} reduced by {b}
    {b} fewer than {a}
    what is left of {a} after taking [away|off] {b}
    """
)
SUBTRACT_ORDER = lines(
    """
    subtract {b} from {a}
    subtract {b} from {a}
    take {b} [away |off |]from {a}
    take {b} away from {a}
    deduct {b} from {a}
    take {a} and subtract {b}[ from it|]
    reduce {a} by {b}
    remove {b} from {a}
    find the difference [between|of] {a} and {b}
    """
)

MULTIPLY = lines(
    """
    {a} times {b}
    {a} times {b}
    {a} multiplied by {b}
    {a} * {b}
    {a} x {b}
    {a}x{b}
    {a} × {b}
    {a}*{b}
    {a} by {b}
    {a} multiply by {b}
    the product of {a} and {b}
    the product of {a} times {b}
    {a} lots of {b}
    {a} groups of {b}
    {a} times as much as {b}
    """
)
MULTIPLY_ORDER = lines(
    """
    multiply {a} by {b}
    multiply {a} by {b}
    multiply {a} and {b}[ together|]
    multiply {a} times {b}
    times {a} by {b}
    take {a} and multiply it by {b}
    find the product of {a} and {b}
    """
)

DIVIDE = lines(
    """
    {a} divided by {b}
    {a} divided by {b}
    {a} / {b}
    {a}/{b}
    {a} ÷ {b}
    {a} over {b}
    {a} divided into {b} [equal |]parts
    {a} split [into {b}|{b} ways|between {b} people|among {b}]
    {a} shared [equally |][between|among|by] {b} [people|kids|friends]
    the quotient of {a} and {b}
    the quotient when {a} is divided by {b}
    the ratio of {a} to {b}
    how many times {b} goes into {a}
    """
)
DIVIDE_ORDER = lines(
    """
    divide {a} by {b}
    divide {a} by {b}
    divide {b} into {a}
    split {a} [into {b} equal parts|{b} ways|by {b}|evenly between {b} people]
    take {a} and divide [it |]by {b}
    share {a} [between|among] {b} [people|of us]
    divide {a} [between|among] {b} people
    """
)

AVERAGE = lines(
    """
    what is the [average|mean] of {l}?
    [average|mean] of {l}
    find the [average|mean] of {l}
    what's the [average|mean|arithmetic mean] of these numbers: {l}
    can you average {l} for me?
    what do {l} average out to?
    calculate the [average|mean] of {l}.
    i got {l}, what is my average?
    """
)

POWER = lines(
    """
    {a} to the power of {n}
    {a} to the {th} power
    {a} to the {th}
    {a} to the power {n}
    {a}^{n}
    {a} ^ {n}
    {a}**{n}
    {a} raised to the {th} power
    {a} raised to {n}
    the {th} power of {a}
    !raise {a} to the power of {n}
    """
)

SHARE = lines(
    """
    {p} of {a}
    {p} of {a}
    {p} of {a} [dollars|people|miles]
    {p} times {a}
    ?how much is {p} of {a}?
    ?what's {p} of {a}?
    ?if i [eat|use|spend] {p} of {a}, how much is that?
    """
)
FRACTIONS = {
    "+": lines("{a} plus {b}\n{a} + {b}\nthe sum of {a} and {b}\n!add {a} and {b}\n!add {a} to {b}"),
    "-": lines("{a} minus {b}\n{a} - {b}\n{a} take away {b}\n!subtract {b} from {a}"),
    "*": lines(
        "{a} times {b}\n{a} x {b}\n{a} * {b}\n{a} of {b}\nthe product of {a} and {b}\n!multiply {a} by {b}"
    ),
    "/": lines("{a} divided by {b}\n{a} ÷ {b}\n!divide {a} by {b}"),
}

BEFORE = (
    "hey, ",
    "hi, ",
    "hi! ",
    "hello, ",
    "ok so ",
    "ok, ",
    "um ",
    "quick question: ",
    "quick one: ",
    "math question: ",
    "for my homework: ",
    "homework help: ",
    "yo ",
    "please, ",
    "question: ",
    "so ",
    "hey yanray, ",
    "yanray, ",
    "excuse me, ",
    "i forgot my calculator, ",
    "my kid asks: ",
    "just checking: ",
    "sorry, ",
    "one more: ",
    "next: ",
    "and now ",
    "now ",
    "also, ",
    "uh, ",
    "well, ",
    "i can't work this out: ",
    "need this fast: ",
)

TYPOS = (
    ("what is", "waht is"),
    ("what is", "what iz"),
    ("calculate", "calcualte"),
    ("calculate", "calculte"),
    ("divided", "divded"),
    ("divided by", "divided buy"),
    ("divide", "devide"),
    ("multiplied", "mulitplied"),
    ("multiply", "multiplly"),
    ("subtract", "subract"),
    ("subtract", "substract"),
    ("percent", "precent"),
    ("square", "sqaure"),
    ("times", "tims"),
    ("minus", "mins"),
    ("plus", "pluss"),
    ("what's", "wahts"),
    ("how much", "how mcuh"),
    ("please", "plz"),
    ("please", "pleas"),
    ("average", "avarage"),
    ("of", "fo"),
    ("what is", "what"),
    ("can you", "can u"),
    ("the", "teh"),
    ("equals", "eqauls"),
    ("you", "u"),
)
