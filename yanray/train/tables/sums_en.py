"""How English speakers ask for a sum. Noun phrases and orders are set into `ASK` and `ASK_ORDER` as `{it}`."""

from __future__ import annotations

from collections.abc import Callable

from yanray.train.phrasing import lines
from yanray.train.quantity import Quantity, constant

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
    what [is|'s] the [answer|result|value|solution] [of|to|for] {it}?
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

Shape1 = Callable[[Quantity], Quantity]
Shape2 = Callable[[Quantity, Quantity], Quantity]
Shape3 = Callable[[Quantity, Quantity, Quantity], Quantity]

ONE: tuple[tuple[str, Shape1, str], ...] = (
    ("{a} factorial", lambda a: a.function("factorial"), "tiny"),
    ("the factorial of {a}", lambda a: a.function("factorial"), "tiny"),
    ("{a}!", lambda a: a.function("factorial"), "tiny"),
    ("half of {a}", lambda a: a / 2, "any"),
    ("half {a}", lambda a: a / 2, "any"),
    ("!halve {a}", lambda a: a / 2, "any"),
    ("!cut {a} in half", lambda a: a / 2, "any"),
    ("?what's {a} split [in half|in two|down the middle]?", lambda a: a / 2, "any"),
    ("double {a}", lambda a: a * 2, "any"),
    ("!double {a}", lambda a: a * 2, "any"),
    ("twice {a}", lambda a: a * 2, "any"),
    ("{a} doubled", lambda a: a * 2, "any"),
    ("triple {a}", lambda a: a * 3, "any"),
    ("three times {a}", lambda a: a * 3, "any"),
    ("{a} tripled", lambda a: a * 3, "any"),
    ("a dozen times {a}", lambda a: a * 12, "small"),
    ("{a} dozen", lambda a: a * 12, "small"),
    ("{a} squared", lambda a: a ** constant(2), "small"),
    ("the square of {a}", lambda a: a ** constant(2), "small"),
    ("{a}²", lambda a: a ** constant(2), "small"),
    ("!square {a}", lambda a: a ** constant(2), "small"),
    ("{a} times itself", lambda a: a * a, "small"),
    ("{a} cubed", lambda a: a ** constant(3), "small"),
    ("the cube of {a}", lambda a: a ** constant(3), "small"),
    ("the square root of {a}", lambda a: a.sqrt(), "root"),
    ("the square root of {a}", lambda a: a.sqrt(), "root"),
    ("square root of {a}", lambda a: a.sqrt(), "root"),
    ("square root {a}", lambda a: a.sqrt(), "root"),
    ("the root of {a}", lambda a: a.sqrt(), "root"),
    ("sqrt {a}", lambda a: a.sqrt(), "root"),
    ("sqrt({a})", lambda a: a.sqrt(), "root"),
    ("√{a}", lambda a: a.sqrt(), "root"),
    ("?[what|which] number times itself [is|makes|gives] {a}?", lambda a: a.sqrt(), "root"),
    ("the cube root of {a}", lambda a: a ** (constant(1) / 3), "cube"),
    ("cube root of {a}", lambda a: a ** (constant(1) / 3), "cube"),
)

PERCENT: tuple[tuple[str, Shape3], ...] = (
    ("{p} of {a}", lambda a, p, b: p * a / 100),
    ("{p} of {a}", lambda a, p, b: p * a / 100),
    ("{p} of $" + "{a}", lambda a, p, b: p * a / 100),
    ("?how much is {p} of {a}?", lambda a, p, b: p * a / 100),
    ("?what's {p} [out |]of {a} [dollars|euros|pounds]?", lambda a, p, b: p * a / 100),
    ("?what's a {p} tip on [a bill of |a |]$" + "{a}[ bill|]?", lambda a, p, b: p * a / 100),
    ("?[how much should i tip on|how much is the tip on] {a} dollars at {p}?", lambda a, p, b: p * a / 100),
    (
        "?[how much tax|how much sales tax|what tax] do i pay on $" + "{a} at {p}?",
        lambda a, p, b: p * a / 100,
    ),
    ("?how much [interest|commission] is {p} on {a}?", lambda a, p, b: p * a / 100),
    ("{p} off {a}", lambda a, p, b: a * (100 - p) / 100),
    ("{p} off [of |]$" + "{a}", lambda a, p, b: a * (100 - p) / 100),
    ("{p} off {a} dollars", lambda a, p, b: a * (100 - p) / 100),
    ("{a} minus {p}", lambda a, p, b: a * (100 - p) / 100),
    ("{a} less {p}", lambda a, p, b: a * (100 - p) / 100),
    ("{a} [reduced|decreased|cut] by {p}", lambda a, p, b: a * (100 - p) / 100),
    ("!take {p} off {a}", lambda a, p, b: a * (100 - p) / 100),
    ("!decrease {a} by {p}", lambda a, p, b: a * (100 - p) / 100),
    (
        "?[something|a coat|a jacket|it] costs $" + "{a} and is {p} off, what do i pay?",
        lambda a, p, b: a * (100 - p) / 100,
    ),
    (
        "?what's the [sale |]price of a $" + "{a} [item|shirt|bag] with a {p} discount?",
        lambda a, p, b: a * (100 - p) / 100,
    ),
    ("{a} plus {p}", lambda a, p, b: a * (100 + p) / 100),
    ("{a} plus {p} [tax|tip|vat]", lambda a, p, b: a * (100 + p) / 100),
    ("{a} [increased|raised|up] by {p}", lambda a, p, b: a * (100 + p) / 100),
    ("!increase {a} by {p}", lambda a, p, b: a * (100 + p) / 100),
    ("!add {p} to {a}", lambda a, p, b: a * (100 + p) / 100),
    (
        "?[what is|what's] the total for $" + "{a} with [a |]{p} [tip|tax]?",
        lambda a, p, b: a * (100 + p) / 100,
    ),
    ("?what percent of {a} is {b}?", lambda a, p, b: b / a * 100),
    ("?what percentage of {a} is {b}?", lambda a, p, b: b / a * 100),
    ("?{b} is what percent of {a}?", lambda a, p, b: b / a * 100),
    ("?{b} [out of|of] {a} as a [percent|percentage]", lambda a, p, b: b / a * 100),
    ("?how many percent is {b} of {a}?", lambda a, p, b: b / a * 100),
    ("?what [percent is|percentage is] {b} out of {a}?", lambda a, p, b: b / a * 100),
    ("?i got {b} out of {a}, what percent is that?", lambda a, p, b: b / a * 100),
    ("?{p} of what is {a}?", lambda a, p, b: a / p * 100),
    ("?{a} is {p} of what [number|]?", lambda a, p, b: a / p * 100),
    (
        "?what is the [percent|percentage] [change|increase] from {a} to {b}?",
        lambda a, p, b: (b - a) / a * 100,
    ),
)

MISSING: tuple[tuple[str, Shape2], ...] = (
    ("what times {a} [is|equals|makes|gives] {b}?", lambda a, b: b / a),
    ("{a} times what [is|equals|makes] {b}?", lambda a, b: b / a),
    ("{a} times [what number|which number|how many] [is|makes] {b}?", lambda a, b: b / a),
    ("how many times does {a} go into {b}?", lambda a, b: b / a),
    ("how many times can {a} go into {b}?", lambda a, b: b / a),
    ("how many {a}s [are in|are there in|go into|make] {b}?", lambda a, b: b / a),
    ("how many times [bigger|larger] is {b} than {a}?", lambda a, b: b / a),
    ("solve {a}x = {b}", lambda a, b: b / a),
    ("{a}x = {b}, [what is x|find x|x = ?]", lambda a, b: b / a),
    ("what do i multiply {a} by to get {b}?", lambda a, b: b / a),
    ("{b} divided by what [is|equals|gives] {a}?", lambda a, b: b / a),
    ("what divided by {a} [is|equals] {b}?", lambda a, b: b * a),
    ("what number divided by {a} gives {b}?", lambda a, b: b * a),
    ("x/{a} = {b}, what is x?", lambda a, b: b * a),
    ("what plus {a} [is|equals|makes] {b}?", lambda a, b: b - a),
    ("{a} plus what [is|equals|makes] {b}?", lambda a, b: b - a),
    ("what do i [add to|need to add to] {a} to [get|make] {b}?", lambda a, b: b - a),
    ("what [number |]added to {a} [gives|makes] {b}?", lambda a, b: b - a),
    ("[solve |]x + {a} = {b}[, find x|]", lambda a, b: b - a),
    ("if {a} + x = {b}, what is x?", lambda a, b: b - a),
    ("what minus {a} [is|equals] {b}?", lambda a, b: b + a),
    ("[what|which] number minus {a} [is|gives] {b}?", lambda a, b: b + a),
    ("x - {a} = {b}[, what is x?|, solve for x]", lambda a, b: b + a),
    ("{b} minus what [is|equals|leaves] {a}?", lambda a, b: b - a),
    ("how much more is {b} than {a}?", lambda a, b: b - a),
    ("how much [bigger|larger|greater|higher] is {b} than {a}?", lambda a, b: b - a),
    ("how much [less|smaller|lower] is {a} than {b}?", lambda a, b: b - a),
    ("how [far|many] is it from {a} to {b}?", lambda a, b: b - a),
    ("how many more [do i need to get|is it] from {a} to {b}?", lambda a, b: b - a),
    ("by how much does {b} exceed {a}?", lambda a, b: b - a),
    ("what's the gap between {a} and {b}?", lambda a, b: b - a),
    ("what is the remainder when {b} is divided by {a}?", lambda a, b: b % a),
    ("remainder of {b} divided by {a}", lambda a, b: b % a),
    ("what's {b} mod {a}?", lambda a, b: b % a),
    ("what's left over when [you divide|i divide] {b} by {a}?", lambda a, b: b % a),
    ("{a} is a third of what?", lambda a, b: a * 3),
    ("{a} is half of what [number|]?", lambda a, b: a * 2),
    ("what is half of {b} plus {a}?", lambda a, b: b / 2 + a),
)

CHAINS: tuple[tuple[str, Callable[..., Quantity]], ...] = (
    ("the sum of {a} and {b}, times {c}", lambda a, b, c: (a + b) * c),
    ("{a} times the sum of {b} and {c}", lambda a, b, c: a * (b + c)),
    ("the difference between {a} and {b}, divided by {c}", lambda a, b, c: (a - b) / c),
    ("{a} times the difference [between|of] {b} and {c}", lambda a, b, c: a * (b - c)),
    ("the product of {a} and {b} [minus|less] {c}", lambda a, b, c: a * b - c),
    ("the product of {a} and {b} plus {c}", lambda a, b, c: a * b + c),
    ("{c} more than the product of {a} and {b}", lambda a, b, c: a * b + c),
    ("{c} less than the product of {a} and {b}", lambda a, b, c: a * b - c),
    ("{c} more than {a} times {b}", lambda a, b, c: a * b + c),
    ("the quotient of {a} and {b}, plus {c}", lambda a, b, c: a / b + c),
    ("!add {a} and {b} and multiply [the result |it |]by {c}", lambda a, b, c: (a + b) * c),
    ("!add {a} and {b}, then divide by {c}", lambda a, b, c: (a + b) / c),
    ("!add {b} to {a} and then subtract {c}", lambda a, b, c: a + b - c),
    ("!take {b} from {a} and multiply [that|the result] by {c}", lambda a, b, c: (a - b) * c),
    ("!subtract {b} from {a}, then add {c}", lambda a, b, c: a - b + c),
    ("!multiply {a} by {b} and [add|then add] {c}", lambda a, b, c: a * b + c),
    ("!multiply {a} by {b} and [subtract|take away|take off] {c}", lambda a, b, c: a * b - c),
    ("!divide {a} by {b} and [then |]add {c}", lambda a, b, c: a / b + c),
    ("!double {a} and add {b}", lambda a, b: a * 2 + b),
    ("!double {a} and take away {b}", lambda a, b: a * 2 - b),
    ("!halve {a} and add {b}", lambda a, b: a / 2 + b),
    ("!start with {a}, add {b}, then [times it by|multiply by] {c}", lambda a, b, c: (a + b) * c),
    ("!start with {a}, subtract {b}, and double it", lambda a, b: (a - b) * 2),
    ("!take {a}, multiply by {b}, subtract {c} and add {d}", lambda a, b, c, d: a * b - c + d),
    ("{a} plus {b} times {c}", lambda a, b, c: a + b * c),
    ("{a} minus {b} divided by {c}", lambda a, b, c: a - b / c),
    ("{a} times {b} divided by {c}", lambda a, b, c: a * b / c),
    ("{a} divided by {b} times {c}", lambda a, b, c: a / b * c),
    ("half the sum of {a} and {b}", lambda a, b: (a + b) / 2),
    ("twice the difference between {a} and {b}", lambda a, b: (a - b) * 2),
    ("{a} squared plus {b} squared", lambda a, b: a ** constant(2) + b ** constant(2)),
    ("{a} squared minus {b}", lambda a, b: a ** constant(2) - b),
    ("open bracket {a} plus {b} close bracket times {c}", lambda a, b, c: (a + b) * c),
    ("{a} times {b} times {c}", lambda a, b, c: a * b * c),
    (
        "?if i have {a} and [add|get] {b} and then [lose|take away|spend] {c}, what's left?",
        lambda a, b, c: a + b - c,
    ),
    ("?[if |]i have {a} dollars and spend {b}, how much do i have left?", lambda a, b: a - b),
    ("?{a} people each [pay|give|owe me] {b} dollars, how much is that?", lambda a, b: a * b),
    ("?split a bill of $" + "{a} between {b} people", lambda a, b: a / b),
    ("?how much is each share if {a} of us split {b} dollars?", lambda a, b: b / a),
    ("?what's {a} an hour for {b} hours?", lambda a, b: a * b),
    ("?{a} items at {b} [each|apiece], what's the total?", lambda a, b: a * b),
    (
        "?what is the [area|floor area] of a [room|garden|rectangle] [that is |]{a} by {b}?",
        lambda a, b: a * b,
    ),
    ("?i pay {a} a month, how much is that for {b} months?", lambda a, b: a * b),
)

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
