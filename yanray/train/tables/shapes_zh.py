"""Chinese requests that carry their own operation, each with what it asks for, in terms of its numbers."""

from __future__ import annotations

from collections.abc import Callable

from yanray.train.phrasing import lines
from yanray.train.quantity import Quantity, constant

Shape1 = Callable[[Quantity], Quantity]
Shape2 = Callable[[Quantity, Quantity], Quantity]

ONE: tuple[tuple[str, Shape1, str], ...] = (
    ("{a}的阶乘", lambda a: a.function("factorial"), "tiny"),
    ("{a}的一半", lambda a: a / 2, "any"),
    ("{a}的一半", lambda a: a / 2, "any"),
    ("{a}的两倍", lambda a: a * 2, "any"),
    ("{a}的2倍", lambda a: a * 2, "any"),
    ("{a}翻一番", lambda a: a * 2, "any"),
    ("{a}的三倍", lambda a: a * 3, "any"),
    ("{a}的十倍", lambda a: a * 10, "any"),
    ("{a}的平方", lambda a: a ** constant(2), "small"),
    ("{a}的平方", lambda a: a ** constant(2), "small"),
    ("{a}²", lambda a: a ** constant(2), "small"),
    ("{a}平方", lambda a: a ** constant(2), "small"),
    ("{a}乘它自己", lambda a: a * a, "small"),
    ("{a}的立方", lambda a: a ** constant(3), "small"),
    ("{a}的三次方", lambda a: a ** constant(3), "small"),
    ("{a}的平方根", lambda a: a.sqrt(), "root"),
    ("{a}的算术平方根", lambda a: a.sqrt(), "root"),
    ("根号{a}", lambda a: a.sqrt(), "root"),
    ("根号下{a}", lambda a: a.sqrt(), "root"),
    ("√{a}", lambda a: a.sqrt(), "root"),
    ("{a}开平方", lambda a: a.sqrt(), "root"),
    ("{a}开根号", lambda a: a.sqrt(), "root"),
    ("?[几|多少]的平方[是|等于]{a}？", lambda a: a.sqrt(), "root"),
    ("{a}的立方根", lambda a: a ** (constant(1) / 3), "cube"),
    ("{a}开三次方", lambda a: a ** (constant(1) / 3), "cube"),
)
FRACTIONS = {
    "+": lines("{a}加{b}\n{a}加上{b}\n{a}+{b}\n{a}与{b}的和\n{a}和{b}加起来"),
    "-": lines("{a}减{b}\n{a}减去{b}\n{a}-{b}\n{a}与{b}的差"),
    "*": lines("{a}乘{b}\n{a}乘以{b}\n{a}×{b}\n{a}的{b}\n{a}与{b}的积"),
    "/": lines("{a}除以{b}\n{a}÷{b}\n{b}除{a}"),
}
SHARE = lines("{a}的{p}\n{a}的{p}\n{a}乘{p}\n?{a}的{p}是多少？\n?{a}元的{p}是多少元？\n?{a}米的{p}是几米")
POWER = ("{a}的{n}次方", "{a}的{n}次幂", "{a}^{n}", "{a}**{n}", "{n}个{a}连乘")

PERCENT: tuple[tuple[str, Callable[[Quantity, Quantity, Quantity], Quantity]], ...] = (
    ("{a}的{p}", lambda a, p, b: p.of(a)),
    ("{a}的{p}", lambda a, p, b: p.of(a)),
    ("{a}元的{p}", lambda a, p, b: p.of(a)),
    ("{a}乘以{p}", lambda a, p, b: p.of(a)),
    ("{p}的{a}", lambda a, p, b: p.of(a)),
    ("?{a}块钱的{p}是多少钱", lambda a, p, b: p.of(a)),
    ("?{a}元存一年，年利率{p}，利息[是多少|有多少]？", lambda a, p, b: p.of(a)),
    ("?{a}元要交{p}的税，[要交|税是]多少钱？", lambda a, p, b: p.of(a)),
    ("{a}增加{p}[以后|后|]", lambda a, p, b: a.plus(p)),
    ("{a}上涨{p}", lambda a, p, b: a.plus(p)),
    ("比{a}多{p}的数", lambda a, p, b: a.plus(p)),
    ("?{a}元涨价{p}后[是|卖]多少钱", lambda a, p, b: a.plus(p)),
    ("?工资{a}，涨了{p}，现在多少？", lambda a, p, b: a.plus(p)),
    ("{a}减少{p}[以后|后|]", lambda a, p, b: a.less(p)),
    ("{a}降低{p}", lambda a, p, b: a.less(p)),
    ("比{a}少{p}的数", lambda a, p, b: a.less(p)),
    ("?{a}元降价{p}[是|后是]多少钱", lambda a, p, b: a.less(p)),
    ("?{b}是{a}的百分之几？", lambda a, p, b: b / a * 100),
    ("?{b}占{a}的百分之[几|多少]", lambda a, p, b: b / a * 100),
    ("?{b}除以{a}是百分之多少", lambda a, p, b: b / a * 100),
    ("?{a}道题对了{b}道，正确率是百分之几？", lambda a, p, b: b / a * 100),
    ("?从{a}涨到{b}，涨了百分之几？", lambda a, p, b: (b - a) / a * 100),
    ("?一个数的{p}是{a}，这个数是多少？", lambda a, p, b: a / p * 100),
    ("?{a}是一个数的{p}，这个数是几", lambda a, p, b: a / p * 100),
)

DISCOUNT = lines(
    """
    ?{a}[元|块|块钱|]打{z}折是多少[钱|]？
    ?{a}[元|块]打{z}折
    ?原价{a}[元|块|]，打{z}折[后|]多少钱？
    ?原价{a}的[衣服|鞋|书包|裤子|票]打{z}折[要付|卖|是]多少？
    ?{a}块的东西{z}折[卖|]多少钱
    ?一件{a}元的[外套|毛衣|商品]现在{z}折，[要多少钱|多少钱|要付多少]？
    ?{z}折以后{a}元变成多少？
    """
)

MISSING: tuple[tuple[str, Shape2], ...] = (
    ("几乘{a}等于{b}？", lambda a, b: b / a),
    ("多少乘以{a}[等于|得|是]{b}？", lambda a, b: b / a),
    ("{a}乘[几|多少|以多少]等于{b}", lambda a, b: b / a),
    ("{a}的[几|多少]倍是{b}？", lambda a, b: b / a),
    ("{b}是{a}的[几|多少]倍？", lambda a, b: b / a),
    ("{b}里面有[几|多少]个{a}？", lambda a, b: b / a),
    ("一个数的{a}倍是{b}，这个数是多少？", lambda a, b: b / a),
    ("{a}x={b}，[x等于多少|求x|x是几]", lambda a, b: b / a),
    ("解方程：{a}x={b}", lambda a, b: b / a),
    ("{b}除以[几|多少]等于{a}？", lambda a, b: b / a),
    ("[几|多少]除以{a}等于{b}？", lambda a, b: b * a),
    ("一个数除以{a}[等于|得]{b}，这个数是多少？", lambda a, b: b * a),
    ("x÷{a}={b}，求x", lambda a, b: b * a),
    ("{a}加[几|多少]等于{b}？", lambda a, b: b - a),
    ("[几|多少]加{a}[等于|是]{b}", lambda a, b: b - a),
    ("一个数加上{a}[等于|得|是]{b}，[这个数是多少|求这个数]？", lambda a, b: b - a),
    ("x+{a}={b}，[x=？|x等于几]", lambda a, b: b - a),
    ("解方程 x + {a} = {b}", lambda a, b: b - a),
    ("{a}再加[几|多少]就是{b}？", lambda a, b: b - a),
    ("{b}比{a}[多|大]多少？", lambda a, b: b - a),
    ("{a}比{b}[少|小]多少？", lambda a, b: b - a),
    ("{b}和{a}[差|相差]多少？", lambda a, b: b - a),
    ("{a}和{b}相差[几|多少]", lambda a, b: b - a),
    ("{b}减[几|多少]等于{a}", lambda a, b: b - a),
    ("{a}到{b}差多少", lambda a, b: b - a),
    ("[几|多少]减{a}[等于|是]{b}？", lambda a, b: b + a),
    ("一个数减去{a}[等于|得|是]{b}，这个数是多少", lambda a, b: b + a),
    ("x-{a}={b}，x是多少", lambda a, b: b + a),
    ("{b}除以{a}[的余数是多少|余多少|余几]？", lambda a, b: b % a),
    ("{b}÷{a}的余数[是几|]", lambda a, b: b % a),
    ("求{b}除以{a}的余数", lambda a, b: b % a),
    ("{b}是一个数的{a}倍，求这个数", lambda a, b: b / a),
    ("{a}是某数的一半，某数是多少？", lambda a, b: a * 2),
)

CHAINS: tuple[tuple[str, Callable[..., Quantity]], ...] = (
    ("{a}加{b}的和乘{c}", lambda a, b, c: (a + b) * c),
    ("{a}与{b}的和乘以{c}", lambda a, b, c: (a + b) * c),
    ("{a}与{b}的和的{c}倍", lambda a, b, c: (a + b) * c),
    ("{c}乘{a}与{b}的和", lambda a, b, c: c * (a + b)),
    ("{a}与{b}的和除以{c}", lambda a, b, c: (a + b) / c),
    ("{a}减{b}的差乘{c}", lambda a, b, c: (a - b) * c),
    ("{a}与{b}的差除以{c}", lambda a, b, c: (a - b) / c),
    ("{a}除以{b}与{c}的和", lambda a, b, c: a / (b + c)),
    ("{a}除以{b}与{c}的差", lambda a, b, c: a / (b - c)),
    ("{a}乘{b}的积减去{c}", lambda a, b, c: a * b - c),
    ("{a}与{b}的积加上{c}", lambda a, b, c: a * b + c),
    ("{a}除以{b}的商加{c}", lambda a, b, c: a / b + c),
    ("{a}减去{b}与{c}的积", lambda a, b, c: a - b * c),
    ("{a}加上{b}与{c}的积", lambda a, b, c: a + b * c),
    ("{a}乘{b}再加{c}", lambda a, b, c: a * b + c),
    ("{a}乘以{b}再减{c}", lambda a, b, c: a * b - c),
    ("{a}先加{b}再乘{c}", lambda a, b, c: (a + b) * c),
    ("{a}减{b}再加{c}", lambda a, b, c: a - b + c),
    ("{a}加{b}减{c}", lambda a, b, c: a + b - c),
    ("{a}加{b}再减{c}", lambda a, b, c: a + b - c),
    ("{a}除以{b}再乘{c}", lambda a, b, c: a / b * c),
    ("{a}乘{b}除以{c}", lambda a, b, c: a * b / c),
    ("{a}加{b}乘{c}", lambda a, b, c: a + b * c),
    ("{a}的一半加{b}", lambda a, b: a / 2 + b),
    ("{a}的两倍减{b}", lambda a, b: a * 2 - b),
    ("比{a}的{b}倍多{c}的数", lambda a, b, c: a * b + c),
    ("比{a}的{b}倍少{c}的数", lambda a, b, c: a * b - c),
    ("?一个数比{a}的{b}倍多{c}，这个数是多少？", lambda a, b, c: a * b + c),
    ("?一个数的{b}倍加上{c}等于{a}，求这个数", lambda a, b, c: (a - c) / b),
    ("?一个数的{b}倍减去{c}是{a}，这个数是几？", lambda a, b, c: (a + c) / b),
    ("{a}的平方加{b}的平方", lambda a, b: a ** constant(2) + b ** constant(2)),
    ("括号{a}加{b}括号乘{c}", lambda a, b, c: (a + b) * c),
    ("{a}、{b}、{c}连乘", lambda a, b, c: a * b * c),
    ("?我有{a}块，花了{b}块，还剩多少？", lambda a, b: a - b),
    ("?{a}个人每人交{b}元，一共多少钱？", lambda a, b: a * b),
    ("?{a}块钱{b}个人平分，每人多少", lambda a, b: a / b),
    ("?每个{a}元，买{b}个要多少钱？", lambda a, b: a * b),
    ("?每斤{a}块，买{b}斤多少钱", lambda a, b: a * b),
    ("?长{a}米宽{b}米的[房间|长方形|地]面积是多少平方米？", lambda a, b: a * b),
    ("?每月{a}元，{b}个月一共多少", lambda a, b: a * b),
)
