"""A run as CSV files: csv_export.py the files, reading_columns.py the columns of a reading."""
