"""The client's own disk.

records.py is what is kept, memory_file.py the file it is kept in, trading_switch.py what an
operator has switched, client_folder.py the folder of all of it.
"""
