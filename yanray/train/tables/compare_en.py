"""Words for `compare`: who does what, and how amounts, comparisons and questions are told in each style."""

from __future__ import annotations

from yanray.train.phrasing import lines

# past, base, kinds of things ("-": any), or a thing of its own
VERBS: tuple[tuple[str, str, str, str], ...] = (
    ("had", "have", "-", ""),
    ("had", "have", "-", ""),
    ("had", "have", "collect toy school", ""),
    ("owned", "own", "collect toy clothes", ""),
    ("picked", "pick", "fruit veg", ""),
    ("gathered", "gather", "fruit collect", ""),
    ("collected", "collect", "collect", ""),
    ("sold", "sell", "food craft fruit goods", ""),
    ("bought", "buy", "school food goods toy", ""),
    ("baked", "bake", "food", ""),
    ("made", "make", "craft food", ""),
    ("planted", "plant", "plant", ""),
    ("counted", "count", "animal collect", ""),
    ("packed", "pack", "goods fruit school", ""),
    ("found", "find", "collect toy", ""),
    ("ate", "eat", "fruit food", ""),
    ("read", "read", "-", "pages"),
    ("read", "read", "-", "books"),
    ("solved", "solve", "-", "problems"),
    ("scored", "score", "-", "points"),
    ("ran", "run", "-", "laps"),
    ("walked", "walk", "-", "kilometres"),
    ("saved", "save", "-", "dollars"),
    ("earned", "earn", "-", "dollars"),
    ("raised", "raise", "-", "dollars"),
    ("caught", "catch", "-", "fish"),
    ("drew", "draw", "-", "pictures"),
    ("took", "take", "-", "photos"),
    ("learned", "learn", "-", "new words"),
    ("did", "do", "-", "push-ups"),
    ("swam", "swim", "-", "lengths"),
    ("washed", "wash", "-", "cars"),
    ("wrote", "write", "-", "letters"),
    ("delivered", "deliver", "-", "parcels"),
    ("watched", "watch", "-", "films"),
    ("built", "build", "-", "sand castles"),
)

# what is had, made or got can be put together and handed on
THINGS_AT_HAND = frozenset("have own pick gather collect buy bake make pack find".split())

COLOURED = "toy clothes"
KINDS = [
    "small",
    "large",
    "wooden",
    "plastic",
    "old",
    "new",
    "striped",
    "plain",
    "round",
    "square",
    "metal",
    "broken",
]

GROUPS = (
    ("Class 3A", "Class 3B", "Class 3C"),
    ("the girls", "the boys", "the teachers"),
    ("the first team", "the second team", "the third team"),
    ("the red team", "the blue team", "the green team"),
    ("the fourth grade", "the fifth grade", "the sixth grade"),
    ("the morning group", "the afternoon group", "the evening group"),
    ("the north village", "the south village", "the east village"),
    ("the bakery", "the cafe", "the market stall"),
    ("the old club", "the new club", "the chess club"),
    ("the Lions", "the Bears", "the Hawks"),
)

_PEOPLE = {
    "have": lines(
        """
        {X} {past} {n} {o}
        {X} {past} {n} {o}
        """
    ),
    "more": lines(
        """
        {X} {past} {n} more {o} than {Y}
        {X} {past} {n} more {o} than {Y} did
        {X} {past} {n} more than {Y}
        {Y} {past} {n} fewer {o} than {X}
        {Y} {past} {n} fewer than {X}
        {Y} {past} {n} less than {X}
        {X} {past} as many {o} as {Y} and {n} more
        compared with {Y}, {X} {past} {n} more {o}
        compared with {X}, {Y} {past} {n} fewer {o}
        {Y} would need {n} more {o} to have as many as {X}
        {X} {past} {n} {o} more than {Y}
        """
    ),
    "twice": lines(
        """
        {X} {past} twice as many {o} as {Y}
        {X} {past} twice as many as {Y}
        {X} {past} double the number of {o} that {Y} {past}
        {Y} {past} half as many {o} as {X}
        {Y} {past} only half as many as {X}
        {Y} {past} half the number of {o} that {X} {past}
        {X} {past} two times as many {o} as {Y}
        """
    ),
    "times": lines(
        """
        {X} {past} {n} times as many {o} as {Y}
        {X} {past} {n} times as many as {Y}
        {X} {past} {n} times the number of {o} that {Y} {past}
        {X} {past} {n} times more {o} than {Y}
        the number of {o} that {X} {past} is {n} times that of {Y}
        for every one of the {o} that {Y} {past}, {X} {past} {n}
        """
    ),
    "one?": lines(
        """
        How many {o} did {X} {base}?
        How many {o} did {X} {base}?
        What is the number of {o} that {X} {past}?
        How many did {X} {base}?
        Find the number of {o} that {X} {past}.
        """
    ),
    "one!": ("{X} {past} {n} {o}",),
    "all?": lines(
        """
        How many {o} did they {base} [altogether|in all|in total|together]?
        How many {o} did they {base} [altogether|in all|in total|together]?
        What is the total number of {o}?
        How many {o} [is that|are there] [in all|altogether|in total]?
        What was their combined number of {o}?
        Find the total number of {o} that they {past}.
        """
    ),
    "all!": ("They {past} {n} {o} in all", "That is {n} {o} in all"),
    "two?": lines(
        """
        How many {o} did {X} and {Y} {base} [together|altogether|in all|in total]?
        How many {o} did {X} and {Y} {base} between them?
        What is the total number of {o} that {X} and {Y} {past}?
        """
    ),
    "two!": ("{X} and {Y} {past} {n} {o} together",),
    "gap?": lines(
        """
        How many more {o} did {X} {base} than {Y}?
        How many more did {X} {base} than {Y}?
        How many fewer {o} did {Y} {base} than {X}?
        What is the difference between the number of {o} that {X} {past} and the number that {Y} {past}?
        By how many {o} [is {Y} behind {X}|is {X} ahead of {Y}]?
        How many more {o} would {Y} have to {base} to [have as many as|catch up with|equal] {X}?
        """
    ),
    "gap!": ("{X} {past} {n} more {o} than {Y}",),
    "mean?": lines(
        """
        How many {o} did they {base} on average?
        What is the average number of {o} that they {past}?
        """
    ),
    "mean!": ("They {past} {n} {o} on average",),
}

_DAYS = {
    "have": lines(
        """
        On {X} {A} {past} {n} {o}
        {A} {past} {n} {o} on {X}
        """
    ),
    "more": lines(
        """
        On {X} {A} {past} {n} more {o} than on {Y}
        {A} {past} {n} more {o} on {X} than on {Y}
        On {Y} {A} {past} {n} fewer {o} than on {X}
        {A} {past} {n} fewer on {Y} than on {X}
        {X}'s number was {n} higher than {Y}'s
        {Y}'s number was {n} lower than {X}'s
        On {X} it was {n} more than on {Y}
        """
    ),
    "twice": lines(
        """
        On {X} {A} {past} twice as many {o} as on {Y}
        On {X} it was twice as many as on {Y}
        {A} {past} half as many {o} on {Y} as on {X}
        On {Y} it was only half as many as on {X}
        """
    ),
    "times": lines(
        """
        On {X} {A} {past} {n} times as many {o} as on {Y}
        On {X} it was {n} times as many as on {Y}
        {A} {past} {n} times as many on {X} as on {Y}
        """
    ),
    "one?": lines(
        """
        How many {o} did {A} {base} on {X}?
        How many did {he} {base} on {X}?
        On {X}, how many {o} did {he} {base}?
        """
    ),
    "one!": ("On {X} {A} {past} {n} {o}",),
    "all?": lines(
        """
        How many {o} did {A} {base} [in all|altogether|in total] [on these days|]?
        How many {o} did {he} {base} over these days?
        What is the total number of {o} for these days?
        """
    ),
    "all!": ("{A} {past} {n} {o} in all",),
    "two?": lines(
        """
        How many {o} did {A} {base} on {X} and {Y} [together|]?
        How many did {he} {base} on {X} and {Y} altogether?
        """
    ),
    "two!": ("On {X} and {Y} {A} {past} {n} {o}",),
    "gap?": lines(
        """
        How many more {o} did {A} {base} on {X} than on {Y}?
        How many fewer {o} did {he} {base} on {Y} than on {X}?
        What is the difference between {X} and {Y}?
        """
    ),
    "gap!": ("On {X} {A} {past} {n} more {o} than on {Y}",),
    "mean?": lines(
        """
        How many {o} did {A} {base} [a day|each day|per day] on average?
        What is the daily average of {o}?
        """
    ),
    "mean!": ("{A} {past} {n} {o} a day on average",),
}

_COLOURS = {
    "have": lines(
        """
        There are {n} {X} {o} in the {box}
        {A} has {n} {X} {o}
        {n} of the {o} are {X}
        The {box} holds {n} {X} {o}
        """
    ),
    "more": lines(
        """
        There are {n} more {X} {o} than {Y} ones
        There are {n} more {X} than {Y} {o}
        There are {n} fewer {Y} {o} than {X} ones
        {A} has {n} more {X} {o} than {Y} ones
        {A} has {n} fewer {Y} {o} than {X} ones
        The {X} {o} outnumber the {Y} ones by {n}
        """
    ),
    "twice": lines(
        """
        There are twice as many {X} {o} as {Y} ones
        There are half as many {Y} {o} as {X} ones
        {A} has twice as many {X} {o} as {Y} ones
        """
    ),
    "times": lines(
        """
        There are {n} times as many {X} {o} as {Y} ones
        {A} has {n} times as many {X} {o} as {Y} ones
        The number of {X} {o} is {n} times the number of {Y} ones
        """
    ),
    "one?": lines(
        """
        How many {X} {o} are there?
        How many {X} {o} [are in the {box}|does {A} have]?
        How many of the {o} are {X}?
        """
    ),
    "one!": ("There are {n} {X} {o}",),
    "all?": lines(
        """
        How many {o} are there [in all|altogether|in total]?
        How many {o} [are in the {box}|does {A} have] altogether?
        What is the total number of {o}?
        """
    ),
    "all!": ("There are {n} {o} in all",),
    "two?": lines(
        """
        How many {X} and {Y} {o} are there [together|altogether]?
        How many {o} are {X} or {Y}?
        """
    ),
    "two!": ("There are {n} {X} and {Y} {o}",),
    "gap?": lines(
        """
        How many more {X} {o} than {Y} ones are there?
        How many fewer {Y} than {X} {o} are there?
        What is the difference between the numbers of {X} and {Y} {o}?
        How many {Y} {o} must be added so that there are as many {Y} as {X} ones?
        """
    ),
    "gap!": ("There are {n} more {X} {o} than {Y} ones",),
    "mean?": ("How many {o} of each sort are there on average?",),
    "mean!": ("There are {n} {o} of each sort on average",),
}

STYLES = {"people": _PEOPLE, "groups": _PEOPLE, "days": _DAYS, "colours": _COLOURS}

# what is done with all of them: the sentence, the question, the answer
THEN: dict[str, tuple[tuple[str, str, str], ...]] = {
    "share": (
        (
            "They [shared|divided] all of them [equally|evenly] among {n} [children|friends|people]",
            "How many {o} did each one get?",
            "Each gets {n} {o}",
        ),
        (
            "All the {o} were put equally into {n} [{boxes}|bags|boxes]",
            "How many {o} were in each?",
            "Each holds {n} {o}",
        ),
        (
            "The {o} are arranged in {n} equal rows",
            "How many {o} are in each row?",
            "There are {n} {o} in each row",
        ),
    ),
    "pack": (
        (
            "All of them were packed in {boxes} of {n}",
            "How many {boxes} were [filled|needed]?",
            "{n} {boxes} were filled",
        ),
        ("They put {n} {o} in each bag", "How many bags could be filled?", "{n} bags could be filled"),
        (
            "Every child at school got {n} of them, and none were left",
            "How many children are there?",
            "There are {n} children",
        ),
    ),
    "lose": (
        (
            "Then {n} of them were [lost|broken|given away|thrown away|stolen]",
            "How many {o} [are left|remain]?",
            "{n} {o} are left",
        ),
        (
            "They needed {n} of them for a school project",
            "How many {o} were left over?",
            "{n} {o} were left",
        ),
        (
            "{n} of all these {o} turned out to be useless",
            "How many could still be used?",
            "{n} {o} could be used",
        ),
    ),
    "sell": (
        (
            "All the {o} are sold for ${n} each",
            "How much money [is that|do they get] [altogether|in all]?",
            "They bring in ${n}",
        ),
        (
            "Every one of them costs ${n}",
            "What are all the {o} worth [together|], in dollars?",
            "They are worth ${n}",
        ),
        (
            "Each of the {o} weighs {n} grams",
            "How many grams do they all weigh together?",
            "They weigh {n} grams together",
        ),
    ),
}
