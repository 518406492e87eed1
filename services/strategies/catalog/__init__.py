"""The strategies that ship with the desk; the folder is the registry, the file name the name."""
