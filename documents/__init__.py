"""Documents out: PDF and Excel, drawn from frozen records; knows no database."""
