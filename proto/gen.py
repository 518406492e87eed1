"""The generator of `proto/gen/python`: `python proto/gen.py [folder]`, which is `make gen`.

Rule 1: the output depends on the .proto files and on the pinned grpcio-tools, on nothing else.
Rule 2: the folder is replaced whole, and only when every file was made: a removed .proto leaves
        nothing behind, a mistake in one leaves everything as it was.
No gRPC stubs are made: the links use grpc's generic handlers with `services/runtime/codec.py`.
"""

import shutil
import sys
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from grpc_tools import protoc

PROTO = Path(__file__).resolve().parent
OUTPUT = PROTO / "gen" / "python"


def generate(output: Path) -> int:
    """Write every message module and its type stub below `output`; give protoc's exit code."""
    names = sorted(path.relative_to(PROTO).as_posix() for path in PROTO.glob("pitwire/**/*.proto"))
    with TemporaryDirectory() as made:
        arguments = [
            "protoc",
            f"--proto_path={PROTO}",
            f"--proto_path={files('grpc_tools') / '_proto'}",
            f"--python_out={made}",
            f"--pyi_out={made}",
            *names,
        ]
        code = int(protoc.main(arguments))
        if code == 0:
            shutil.rmtree(output / "pitwire", ignore_errors=True)
            shutil.copytree(Path(made) / "pitwire", output / "pitwire")
    return code


if __name__ == "__main__":
    sys.exit(generate(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else OUTPUT))
