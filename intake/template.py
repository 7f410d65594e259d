"""An empty ledger to fill in: every column known by name, one example row."""

import io
from datetime import datetime

import xlsxwriter

from intake.fields import FIELDS, Kind

_LEFT_OUT = ("subchannel", "group", "registered_by")  # said by the upload itself, or derived
EXAMPLE: dict[str, str | int | datetime] = {
    "received_at": datetime(2026, 3, 1, 12, 30),
    "source_no": "GD202603010001",
    "title": "某小区旁工厂夜间噪声扰民",
    "content": "来电人反映小区北侧工厂夜间生产，噪声大，无法入睡。",
    "demands": "要求查处夜间噪声",
    "division": "苏州市昆山市",
    "address": "人民路1号",
    "subject": "不明",
    "categories": "工业噪声",
    "industry": "其他",
    "time_pattern": "夜间",
    "repeat": "首次",
    "urgency": "一般",
}


def template() -> bytes:
    """An xlsx with the labels of all fields and one example row, text columns set to text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("台账")
        head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1})
        text, dated = (book.add_format({"num_format": f}) for f in ("@", "yyyy-mm-dd hh:mm"))
        fields = [field for key, field in FIELDS.items() if key not in _LEFT_OUT]
        for column, field in enumerate(fields):
            sheet.set_column(column, column, 18, dated if field.kind is Kind.TIME else text)
            sheet.write_string(0, column, field.label, head)
            if (cell := EXAMPLE.get(field.key)) is not None:
                sheet.write(1, column, cell, dated if field.kind is Kind.TIME else text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
