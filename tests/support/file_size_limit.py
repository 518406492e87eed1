"""A command of ours on a disk that is soon full: no file may grow beyond so many kilobytes."""

import resource
import runpy
import sys

if __name__ == "__main__":
    _, kilobytes, module, *arguments = sys.argv
    size = 1024 * int(kilobytes)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
