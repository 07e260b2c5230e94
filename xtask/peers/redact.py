"""What others need for the same bytes: `redact.py presidio|detect-secrets`, the text on standard input.

Prints one JSON object: the peer with its version, its megabytes (10^6 bytes) per second of processor time, and how many
findings it had. Building its recognisers and one small text before the clock starts are not counted.
"""

import importlib.metadata
import json
import os
import sys
import tempfile
import time

# One text of each kind, so that what a recogniser loads late is there before the clock starts.
WARM_UP = "Call 212-555-0187 or write to jo@host.example about 192.0.2.7.\n"


def presidio(text):
    """Presidio's own recognisers of patterns, without a language model: a blank pipeline with lower-case lemmas.

    It is asked in pieces, because its speed depends on their size; the faster of two sizes counts.
    """
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from spacy.language import Language

    # Its recogniser of e-mail addresses would fetch a list of domains; the one it brings along does.
    offline = tldextract.TLDExtract(suffix_list_urls=())
    tldextract.extract = offline
    tldextract.tldextract.TLD_EXTRACTOR = offline

    @Language.component("lower_case_lemma")
    def lower_case_lemma(doc):
        for token in doc:
            token.lemma_ = token.lower_
        return doc

    class Blank(SpacyNlpEngine):
        def __init__(self):
            super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
            pipeline = spacy.blank("en")
            pipeline.add_pipe("lower_case_lemma")
            self.nlp = {"en": pipeline}

        def load(self):
            pass

        def is_loaded(self):
            return True

    analyzer = AnalyzerEngine(nlp_engine=Blank(), supported_languages=["en"])
    analyzer.analyze(WARM_UP, "en")

    def measure(size):
        parts = pieces(text, size)
        start = time.process_time()
        found = sum(len(analyzer.analyze(part, "en")) for part in parts)
        return time.process_time() - start, found

    secs, found = min(measure(1 << 10), measure(64 << 10))
    return "presidio-analyzer", secs, found


def detect_secrets(text):
    """All plugins and filters that are on by default, through its Python interface, on one file; nothing is verified."""
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import default_settings

    with tempfile.TemporaryDirectory() as folder, default_settings():
        for name, content in [("warm-up.txt", WARM_UP), ("text.txt", text)]:
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(content)
            secrets = SecretsCollection()
            start = time.process_time()
            secrets.scan_file(path)
            secs = time.process_time() - start
    return "detect-secrets", secs, sum(1 for _ in secrets)


def pieces(text, size):
    """The text in pieces of at least `size` characters, cut at the ends of lines."""
    parts, part, length = [], [], 0
    for line in text.splitlines(keepends=True):
        part.append(line)
        length += len(line)
        if length >= size:
            parts.append("".join(part))
            part, length = [], 0
    return parts + ["".join(part)] if part else parts


def main():
    peers = {"presidio": presidio, "detect-secrets": detect_secrets}
    if len(sys.argv) != 2 or sys.argv[1] not in peers:
        sys.exit("usage: redact.py presidio|detect-secrets < TEXT")
    data = sys.stdin.buffer.read()
    package, secs, found = peers[sys.argv[1]](data.decode("utf-8", "replace"))
    peer = f"{package} {importlib.metadata.version(package)}"
    print(json.dumps({"peer": peer, "mb_s": len(data) / secs / 1e6, "found": found}))


main()
