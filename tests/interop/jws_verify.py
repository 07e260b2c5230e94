#!/usr/bin/env python3
"""Checks testdata/vectors/jws with PyJWT: a JWS library that is not ours.

Usage: jws_verify.py [FOLDER]      needs: pip install 'PyJWT[crypto]'

A vector marked `ok` must verify, carry the expected typ and hash; one marked `refused` must not. One marked `strict`
is refused by Candor for reasons a stock library need not share; it is only reported. Exit status 1 if any differs.
"""

import hashlib
import json
import pathlib
import sys

import jwt
from jwt.algorithms import OKPAlgorithm


def read(path):
    head, _, body = path.read_text().partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return fields, body.removesuffix("\n")


def verify(fields, compact):
    """The payload, or an exception."""
    key = OKPAlgorithm.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": fields["key"]})
    decoded = jwt.PyJWS().decode_complete(compact, key, algorithms=["EdDSA"])
    if decoded["header"].get("typ") != fields["typ"]:
        raise jwt.InvalidTokenError(f"typ is {decoded['header'].get('typ')}")
    return json.loads(decoded["payload"])


def claims_fit(vectors):
    """The receipt, the withdrawal and the lease must name the consent by its id and hash, as read here."""
    consent = vectors["consent"]
    ident = consent["payload"]["header"]["dct:identifier"]
    named = [
        vectors["receipt"]["payload"]["record"],
        vectors["withdrawal"]["payload"]["record"],
        vectors["lease"]["payload"]["consent_hash"],
    ]
    ids = [vectors[name]["payload"]["consent"] for name in ("receipt", "withdrawal", "lease")]
    pinned = consent["payload"]["dpv:hasProcess"]["dpv:hasRecipient"] == vectors["receipt"]["key"]
    own = consent["payload"]["party"]["signing_key"] == consent["key"]
    return all(name == consent["sha256"] for name in named) and all(i == ident for i in ids) and pinned and own


def main():
    default = pathlib.Path(__file__).resolve().parents[2] / "testdata/vectors/jws"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    wrong, good, counts = [], {}, {"ok": 0, "refused": 0, "strict": 0}
    for path in sorted(folder.iterdir()):
        fields, compact = read(path)
        counts[fields["expect"]] += 1
        try:
            payload, outcome = verify(fields, compact), "ok"
        except (jwt.InvalidTokenError, ValueError) as error:
            payload, outcome = None, f"refused: {error}"
        digest = hashlib.sha256(compact.encode()).hexdigest()
        fits = {"ok": outcome == "ok", "refused": outcome != "ok", "strict": True}[fields["expect"]]
        if not fits or digest != fields["sha256"]:
            wrong.append(path.name)
        if outcome == "ok":
            good[path.name] = {**fields, "payload": payload}
        print(f"{path.name:20} expected {fields['expect']:8} PyJWT {outcome}")
    if counts["ok"] < 4 or counts["refused"] < 6:
        wrong.append("too few vectors")
    if not wrong and not claims_fit(good):
        wrong.append("the records do not refer to one another")
    print(f"PyJWT {jwt.__version__}: {counts['ok']} good, {counts['refused']} bad, wrong outcomes: {wrong or 'none'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
