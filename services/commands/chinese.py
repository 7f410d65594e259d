"""argparse in Chinese: its few sentences, and the kinds of values commands take."""

import argparse
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

_WORDS = {
    "usage: ": "用法：",
    "positional arguments": "参数",
    "options": "选项",
    "show this help message and exit": "显示本说明并退出",
    "%(prog)s: error: %(message)s\n": "%(message)s\n",
    "the following arguments are required: %s": "缺少参数：%s",
    "unrecognized arguments: %s": "不认识的参数：%s",
    "argument %(argument_name)s: %(message)s": "参数 %(argument_name)s：%(message)s",
    "expected one argument": "缺少取值",
    "expected at least one argument": "至少要有一个取值",
    "invalid %(type)s value: %(value)r": "取值 %(value)r 不对，应为整数",
    "invalid choice: %(value)r (choose from %(choices)s)": "没有 %(value)s，可用的有：%(choices)s",
    "not allowed with argument %s": "不能与参数 %s 同用",
    "ignored explicit argument %r": "多余的取值 %r",
    "ambiguous option: %(option)s could match %(matches)s": "选项 %(option)s 不明确：%(matches)s",
}


def _said(text: str) -> str:
    return _WORDS.get(text, text)


class Parser(argparse.ArgumentParser):
    """A parser whose own sentences are Chinese."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        argparse._ = _said  # type: ignore[attr-defined]
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> Any:
        """One sentence, and where to read on."""
        self.exit(2, f"{message}。用 --help 查看用法。\n")


def whole(text: str) -> int:
    """A positive whole number."""
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise ArgumentTypeError(f"“{text}”应为正整数")


def number(text: str) -> int:
    """A whole number, zero allowed."""
    if text.isascii() and text.isdigit():
        return int(text)
    raise ArgumentTypeError(f"“{text}”应为非负整数")


def day(text: str) -> date:
    """A date as 2026-02-12."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是日期，请按 2026-02-12 填写") from None
