"""超期看板: what is late, what falls due, and whose it is."""

from ui.board import overdue_board
from ui.page import open_page

page = open_page(__file__)
overdue_board()
