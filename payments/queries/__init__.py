"""How the money of orders stands, in the words people see."""

from payments.queries.amounts import Amounts, amounts, amounts_of, line_amounts
from payments.queries.earnings import EarningLine, earning_line, earning_lines

__all__ = ["Amounts", "EarningLine", "amounts", "amounts_of", "earning_line", "earning_lines", "line_amounts"]
