"""Write what sentence-transformers says of a few texts, for the tests that run without torch."""

from __future__ import annotations

import json
from pathlib import Path

from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).resolve().parent.parent
TEXTS = [
    "for (i = 0; i <= len; i++) {\n    total += values[i];\n}",
    "def healthHeaders(self, max_fails=None):\n    return self._headers or {}",
    'if err != nil {\n\treturn fmt.Errorf("読み込みに失敗: %w", err) // 🐛\n}',
    "x",
    "",
]


def main() -> None:
    model = SentenceTransformer(str(ROOT / "bugguard" / "encoders" / "model"), device="cpu")
    vectors = [[round(float(x), 6) for x in vector] for vector in model.encode(TEXTS)]
    recorded = [{"text": t, "vector": v} for t, v in zip(TEXTS, vectors, strict=True)]
    target = ROOT / "tests" / "encoders" / "recorded_vectors.json"
    target.write_text(json.dumps(recorded, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
