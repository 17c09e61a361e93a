"""The words of every problem code, in English and Chinese: the rule that was broken and what to do about it.

`{element}`, `{expected}` and `{value}` are filled from the problem. Codes are stable; words may improve.
"""

import re
from typing import Literal

Language = Literal["en", "zh"]

WORDS: dict[str, dict[Language, tuple[str, str]]] = {
    "missing": {
        "en": ("{element} is mandatory and absent or empty.", "Give {element} ({expected})."),
        "zh": ("{element} 为必填项，但缺失或为空。", "请填写 {element}（{expected}）。"),
    },
    "unknown_element": {
        "en": ("{element} has no place here (found: {value}).", "Remove it, or check its spelling and its parent."),
        "zh": ("此处不允许出现 {element}（值：{value}）。", "请删除，或核对名称和上级元素。"),
    },
    "misprinted_element": {
        "en": ("{element} is a misprint of the PDF; the XSD knows only {expected}.", "Write {expected}."),
        "zh": ("{element} 是规范 PDF 的误印，XSD 名称为 {expected}。", "请改为 {expected}。"),
    },
    "nested_element": {
        "en": ("{element} holds an element where only text may stand.", "Give the value as text."),
        "zh": ("{element} 只能为文本，却含有元素。", "请以文本填写。"),
    },
    "duplicate_element": {
        "en": ("{element} stands here more than once.", "Keep one; the first was read, this one was {value}."),
        "zh": ("{element} 重复出现。", "请只保留一个；已读取第一个，本处为 {value}。"),
    },
    "out_of_order": {
        "en": ("{element} must come before {expected}.", "Put the elements in the order of the XSD."),
        "zh": ("{element} 应位于 {expected} 之前。", "请按 XSD 规定的顺序排列元素。"),
    },
    "unknown_attribute": {
        "en": ("{element} carries an attribute that the XSD does not know: {value}.", "Remove the attribute."),
        "zh": ("{element} 带有 XSD 未定义的属性 {value}。", "请删除该属性。"),
    },
    "wrong_type": {
        "en": ("{element} is {value}, which cannot stand in {expected}.", "Give a str, an int or a Decimal."),
        "zh": ("{element} 的值 {value} 不适用于 {expected}。", "请使用 str、int 或 Decimal。"),
    },
    "illegal_character": {
        "en": ("{element} holds a character that XML cannot carry.", "Remove control characters."),
        "zh": ("{element} 含有 XML 不允许的字符。", "请删除控制字符。"),
    },
    "too_long": {
        "en": ("{element} is longer than {expected} allows: {value}.", "Shorten it."),
        "zh": ("{element} 超出长度 {expected}：{value}。", "请缩短。"),
    },
    "too_short": {
        "en": ("{element} is shorter than {expected} asks: {value}.", "Give it in full length."),
        "zh": ("{element} 长度不足 {expected}：{value}。", "请填写完整。"),
    },
    "not_a_number": {
        "en": ("{element} must be a number {expected} without exponent, not {value}.", "Write digits and one point."),
        "zh": ("{element} 应为 {expected} 数值，不得使用指数：{value}。", "请只填写数字和小数点。"),
    },
    "too_many_digits": {
        "en": ("{element} has more digits than {expected} holds: {value}.", "Check the amount and its unit."),
        "zh": ("{element} 的位数超出 {expected}：{value}。", "请核对数值和单位。"),
    },
    "too_many_decimals": {
        "en": ("{element} has more decimals than {expected} holds: {value}.", "Round it where its rule says how."),
        "zh": ("{element} 的小数位超出 {expected}：{value}。", "请按规则舍入。"),
    },
    "negative": {
        "en": ("{element} is below zero: {value}.", "Give the amount without sign."),
        "zh": ("{element} 不得为负数：{value}。", "请填写非负数。"),
    },
    "bad_format": {
        "en": ("{element} must be {expected}, not {value}.", "Write it in that form."),
        "zh": ("{element} 格式应为 {expected}，实际为 {value}。", "请按该格式填写。"),
    },
    "not_allowed": {
        "en": ("{element} may be {expected}, not {value}.", "Choose one of the permitted values."),
        "zh": ("{element} 只能为 {expected}，实际为 {value}。", "请选择允许的值。"),
    },
    "condition_missing": {
        "en": ("{element} is mandatory when {expected}.", "Give {element}, or correct the other element."),
        "zh": ("当 {expected} 时，{element} 为必填项。", "请填写 {element} 或更正另一项。"),
    },
    "condition_value": {
        "en": ("{element} must be {expected}, not {value}.", "Correct {element}, or the other element."),
        "zh": ("{element} 应为 {expected}，实际为 {value}。", "请更正 {element} 或另一项。"),
    },
    "repeated_gnum": {
        "en": ("Two lines have the gnum {value}.", "Number the lines without repetition; customs answers -621027."),
        "zh": ("商品序号 {value} 重复。", "请使用不重复的序号；海关回执为 -621027。"),
    },
    "no_lines": {
        "en": ("The node has no {element}.", "Give at least one line."),
        "zh": ("缺少 {element}。", "请至少填写一项商品。"),
    },
    "too_many_lines": {
        "en": ("The node has {value} lines; {expected} are allowed.", "Split it into several messages."),
        "zh": ("商品项数 {value} 超过上限 {expected}。", "请拆分报文。"),
    },
    "no_nodes": {
        "en": ("The message holds no {element}.", "Give at least one."),
        "zh": ("报文中没有 {element}。", "请至少填写一个。"),
    },
    "too_many_nodes": {
        "en": ("The message holds {value} of {element}; {expected} are allowed.", "Send several messages."),
        "zh": ("{element} 数量 {value} 超过上限 {expected}。", "请分多个报文发送。"),
    },
    "unread_extension": {
        "en": ("ExtendMessage holds elements, not text; they were not read.", "Agree on text, or read it yourself."),
        "zh": ("ExtendMessage 含有元素而非文本，未读取。", "请改用文本，或自行解析。"),
    },
    "status_not_permitted": {
        "en": ("A receipt of this kind carries {expected}, not {value}.", "Ask the sender; do not act on it."),
        "zh": ("该回执允许的状态为 {expected}，实际为 {value}。", "请与发送方核实，勿据此操作。"),
    },
    "unsigned": {
        "en": ("A declared message (appStatus 2) of this kind must be signed.", "Sign it before sending."),
        "zh": ("申报状态（appStatus=2）的该类报文必须签名。", "请在发送前签名。"),
    },
    "no_message": {
        "en": ("There is no CEB{value} among those known here.", "Use one of {expected}."),
        "zh": ("未收录报文 CEB{value}。", "请使用 {expected} 之一。"),
    },
}


_SLOT = re.compile(r"\{(element|expected|value)\}")


def worded(code: str, language: Language, element: str, expected: str, value: str) -> tuple[str, str]:
    """Rule and remedy of a code in a language, filled in one pass: a value that holds braces stays what it is."""
    filling = {"element": element, "expected": expected or "-", "value": value or "-"}
    rule, remedy = (_SLOT.sub(lambda slot: filling[slot[1]], words) for words in WORDS[code][language])
    return rule, remedy
