"""convert: units in English and Chinese; nothing but names of units reaches pint's reader."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("mile to km", "1 mile = 1.60934 km"),
        ("100 km/h to mph", "100 km/h = 62.1371 mph"),
        ("-40 C to F", "-40 C = -40 F"),
        ("350F to C", "350F = 176.667 C"),
        ("0 K to C", "0 K = -273.15 C"),
        ("1 1/2 cups to ml", "1 1/2 cups = 354.882 ml"),
        ("1½ cups to ml", "1 1/2 cups = 354.882 ml"),
        ("5'3\" to cm", "5'3\" = 160.02 cm"),
        ("5 hours 20 min in minutes", "5 hours 20 min = 320 minutes"),
        ("1,234 m to km", "1,234 m = 1.234 km"),
        ("1e3 g to kg", "1e3 g = 1 kg"),
        ("30 cm in in", "30 cm = 11.811 in"),
        ("5 in to cm", "5 in = 12.7 cm"),
        ("8 fl oz to ml", "8 fl oz = 236.588 ml"),
        ("3 square feet to m^2", "3 square feet = 0.278709 m^2"),
        ("5 m/s^2 to ft/s^2", "5 m/s^2 = 16.4042 ft/s^2"),
        ("2 GB to MB", "2 GB = 2000 MB"),
        ("100 Mb to MB", "100 Mb = 12.5 MB"),
        ("how many feet are there in a mile", "1 mile = 5280 feet"),
        ("what is 60 mph in km/h?", "60 mph = 96.5606 km/h"),
        ("500 kcal to kJ", "500 kcal = 2092 kJ"),
        ("三公里是几英里", "3公里 = 1.86411英里"),
        ("把10磅换算成公斤", "10磅 = 4.53592公斤"),
        ("2000 lbs to kilos", "2000 lbs = 907.185 kilos"),
        ("3斤是多少克", "3斤 = 1500克"),
        ("三两等于多少克", "3两 = 150克"),
        ("100公里每小时等于多少英里每小时", "100公里每小时 = 62.1371英里每小时"),
        ("10平方米等于多少平方英尺", "10平方米 = 107.639平方英尺"),
        ("一亩是多少平方米", "1亩 = 666.667平方米"),
        ("1小时30分等于多少秒", "1小时30分 = 5400秒"),
        ("半小时等于多少分钟", "0.5小时 = 30分钟"),
        ("２５度等于多少华氏度", "25度 = 77华氏度"),
    ],
)
def test_answers(text, result, ask):
    outcome = ask(text)
    assert (outcome.text, outcome.ok) == (result, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "convert needs request: write /convert request, e.g. /convert 5 miles to km"),
        ("5 miles", "say the amount and the unit that is wanted"),
        ("5 kg to miles", "kilogram cannot become mile"),
        ("5 foo to km", "'foo' is not a unit that is known; near it: foot"),
        ("5 to km", "a unit is missing"),
        ("1/0 m to km", "is not a unit that is known"),
        ("5 m**9**9 to km", "is not a unit that is known"),
        ("5 m^99999999 to km", "is not a unit that is known"),
        ("__import__('os') to km", "is not a unit that is known"),
        ("x" * 1000, "that is too long"),
        ("5 \0 to km", "is not a unit that is known"),
        ("1e99 km to m9", "is not a unit that is known"),
    ],
)
def test_errors_say_what_is_wrong(text, message, ask):
    outcome = ask(text)
    assert not outcome.ok
    assert message in outcome.text
