"""The words of every shortfall and of the two commands, in English and Chinese: what is wrong, and what to do."""

from typing import Any, Final, Literal

Language = Literal["en", "zh"]

SHORTFALLS: Final[dict[str, dict[Language, str]]] = {
    "person_not_given": {
        "en": "not among the values given. {holder} holds it, and can seal it to you or make this document itself.",
        "zh": "未提供该值。由 {holder} 持有，可由其密封给您，或由其制作本报文。",
    },
    "person_not_told": {
        "en": "Nobody has stated {element} in this trade; {holder} would. It must be committed to on the "
        "record before "
        "customs can be told.",
        "zh": "本交易中无人申明 {element}，应由 {holder} 申明。须先在记录上作出承诺，方可向海关申报。",
    },
    "person_differs": {
        "en": "The value given for {element} is not the one that {holder} has committed to. Take it from the sealed "
        "envelope, letter by letter.",
        "zh": "所提供的 {element} 与 {holder} 承诺的值不一致。请逐字取自密封信封。",
    },
    "code_unknown": {
        "en": "{element}: customs' table of {table} has no row for {value}. Add its row, with a source, to "
        "{table}.csv.",
        "zh": "{element}：海关代码表 {table} 中没有 {value}。请在 {table}.csv 中补充该行并注明来源。",
    },
    "party_unknown": {
        "en": "{element}: there is no party {value} on the record. Register it first.",
        "zh": "{element}：记录上没有主体 {value}。请先登记。",
    },
    "party_code_too_long": {
        "en": "{element}: {party} is registered as {value}; customs' codes have at most 18 characters. "
        "Register it under its customs code (10 digits) or its unified social credit code (18).",
        "zh": "{element}：{party} 的登记号为 {value}，而海关代码最多 18 位。"
        "请按 10 位海关编码或 18 位统一社会信用代码登记。",
    },
    "goods_unknown": {
        "en": "{element}: what {sku} is measured in and where it comes from stands in no listing or list that "
        "the asker may see. {holder} lists the product, or the broker's list tells it.",
        "zh": "{element}：询问方可见的商品登记和清单中均无 {sku} 的计量单位和原产地。"
        "应由 {holder} 登记商品，或由清单给出。",
    },
    "not_on_record": {
        "en": "No {element} stands on the record of order {order}, as far as the asker may see. {holder} signs it.",
        "zh": "订单 {order} 的记录上没有询问方可见的 {element}。应由 {holder} 签署。",
    },
    "number_not_given": {
        "en": "Customs has given no {element} yet, and this receipt cannot be without. Wait for customs' next answer.",
        "zh": "海关尚未给出 {element}，而该回执不可缺少此项。请等待海关的下一回执。",
    },
    "unwritable": {
        "en": "The document cannot be written: {problem}. Correct the value where it was stated.",
        "zh": "报文无法生成：{problem}。请在原始申明处更正。",
    },
    "absent": {
        "en": "{element} is absent. Ask the sender for it.",
        "zh": "缺少 {element}。请向发送方索取。",
    },
    "unreadable": {
        "en": "{element} is {value}; expected is {expected}. Ask the sender to correct it.",
        "zh": "{element} 为 {value}，应为 {expected}。请要求发送方更正。",
    },
    "party_not_registered": {
        "en": "{element}: no party on the record has the code {value}. Register it under this code, or give "
        "its record.",
        "zh": "{element}：记录上没有代码为 {value} 的主体。请以该代码登记，或提供其记录。",
    },
    "party_ambiguous": {
        "en": "{element}: several parties have the code {value}, and none of them alone has this name. Give "
        "the records "
        "of those that take part only.",
        "zh": "{element}：有多个主体的代码为 {value}，且名称无法区分。请只提供参与方的记录。",
    },
    "institution_needed": {
        "en": "{element} is absent. The order is read without payment institution; its import list will not match "
        "without one. Ask the platform for {element} before the order is placed: it cannot be added later.",
        "zh": "缺少 {element}。订单已读取但未指明支付企业，而进口清单核对须有支付企业。"
        "请在订单上记录之前向平台索取 {element}，其后不能补充。",
    },
    "not_in_message": {
        "en": "{element} is not told by this message. Say it beside it.",
        "zh": "该报文不含 {element}。请另行给出。",
    },
    "secret_needed": {
        "en": "The message names persons, and no secret was given to commit to them. Draw 32 random bytes for "
        "this trade "
        "and seal them together with the values.",
        "zh": "报文含有个人信息，但未给出用于承诺的密钥。请为该交易生成 32 个随机字节，并与明文一同密封。",
    },
    "unfit": {
        "en": "The message does not fit the record: {problem}. Correct that value.",
        "zh": "报文与记录的要求不符：{problem}。请更正该值。",
    },
    "no_message_for": {
        "en": "CEB{value} becomes none of our messages. Expected is one of {expected}.",
        "zh": "CEB{value} 不对应本系统的任何消息。应为 {expected} 之一。",
    },
    "person_needed": {
        "en": "Accepting the import list {value} needs its buyer's yearly pseudonym, which only customs can "
        "compute. Give "
        "customs' person key, and the key that opens the buyer's sealed values.",
        "zh": "接受进口清单 {value} 需要买方的年度化名，只有海关能够计算。请给出海关的个人密钥及开启密封值的密钥。",
    },
}

COMMANDS: Final[dict[str, dict[Language, str]]] = {
    "written": {
        "en": "{name}: {bytes} bytes, {problems} problems",
        "zh": "{name}：{bytes} 字节，{problems} 个问题",
    },
    "not_made": {"en": "{name}: not made", "zh": "{name}：未生成"},
    "summary": {
        "en": "{made} documents in {folder}, {missing} not made, {problems} problems.",
        "zh": "{folder} 中有 {made} 份报文，{missing} 份未生成，{problems} 个问题。",
    },
    "draft": {
        "en": "Lists that nobody has signed are drafts (appStatus 1). Declare them with --sign-key and --certificate.",
        "zh": "未签名的清单为暂存状态（appStatus 1）。用 --sign-key 和 --certificate 签名后申报。",
    },
    "no_order": {
        "en": "There is no order {order} of {platform} on the record that this asker may see. Check both, and whose "
        "signature (--key) or party (--as) is asking.",
        "zh": "记录上没有询问方可见的 {platform} 的订单 {order}。请核对两者，以及以谁的名义（--key 或 --as）询问。",
    },
    "no_place": {
        "en": "It is not said where the record is. Give a node's folder, or --to with the URL of a node.",
        "zh": "未说明记录在何处。请给出节点目录，或用 --to 给出节点 URL。",
    },
    "sign_pair": {
        "en": "To sign, both --sign-key and --certificate are needed: PEM files of an RSA key and of its certificate.",
        "zh": "签名需同时给出 --sign-key 和 --certificate：RSA 私钥及其证书的 PEM 文件。",
    },
    "unfit_file": {
        "en": "{file}: {problem}. Give another file.",
        "zh": "{file}：{problem}。请提供其他文件。",
    },
    "answered": {
        "en": "node {node}: answer {code} on {subject} {number} is on the record",
        "zh": "节点 {node}：对 {subject} {number} 的回执 {code} 已上记录",
    },
    "refused": {
        "en": "node {node}: answer {code} on {subject} {number} was refused ({refusal}): {why}",
        "zh": "节点 {node}：对 {subject} {number} 的回执 {code} 被拒绝（{refusal}）：{why}",
    },
}


def in_words(words: dict[str, dict[Language, str]], key: str, language: str, **fields: Any) -> str:
    """The sentence under this key, in Chinese when asked and else in English, with its fields filled in."""
    return words[key]["zh" if language == "zh" else "en"].format(**fields)
