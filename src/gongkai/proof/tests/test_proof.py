"""Hashes, proofs, tiles and notes against the vectors of their specifications, and against trees built by definition."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.proof import merkle, notes, tiles
from gongkai.proof.checkpoints import Checkpoint, open_checkpoint
from gongkai.proof.client import Log, folder_reader
from gongkai.proof.history import CURRENT, GONE, OLDER, Entry, standing
from gongkai.proof.leaf import Leaf, LeafFile, canonical, content_digest, neutral_name
from gongkai.proof.notes import NoteError, Signer, Verifier

# The eight leaves, heads and proofs that implementations of RFC 6962 test with.
LEAVES = [bytes.fromhex(words) for words in
          ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]]  # fmt: skip
HEADS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]
READ = tiles.subtree_of(HASHES)


def by_definition(hashes: list[bytes]) -> bytes:
    """MTH as section 2.1 of RFC 6962 writes it."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return merkle.node_hash(by_definition(hashes[:k]), by_definition(hashes[k:]))


def test_heads_of_the_known_leaves():
    assert merkle.head(0, 0, READ).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for size, expected in enumerate(HEADS, start=1):
        assert merkle.head(0, size, READ).hex() == expected


def test_known_inclusion_and_consistency_proofs():
    assert [step.hex() for step in merkle.inclusion_proof(5, 8, READ)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [step.hex() for step in merkle.consistency_proof(6, 8, READ)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_every_proof_of_every_small_tree():
    hashes = [merkle.leaf_hash(bytes([i])) for i in range(40)]
    read = tiles.subtree_of(hashes)
    roots = [by_definition(hashes[:size]) for size in range(41)]
    for size in range(1, 41):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, read)
            merkle.verify_inclusion(index, size, hashes[index], proof, roots[size])
        for old in range(size + 1):
            proof = merkle.consistency_proof(old, size, read)
            merkle.verify_consistency(old, size, proof, roots[old], roots[size])


@given(st.integers(1, 300), st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_a_changed_proof_is_refused(size, choice, flip):
    hashes = [hashlib.sha256(i.to_bytes(4, "big")).digest() for i in range(size)]
    read, index = tiles.subtree_of(hashes), choice % size
    root = merkle.head(0, size, read)
    proof = merkle.inclusion_proof(index, size, read)
    with pytest.raises(merkle.ProofError):
        merkle.verify_inclusion(index, size, hashes[index], [*proof, root], root)
    with pytest.raises(merkle.ProofError):
        merkle.verify_inclusion(index, size, hashlib.sha256(b"other").digest(), proof, root)
    if proof:
        at = flip % len(proof)
        changed = [bytes([step[0] ^ 1]) + step[1:] if i == at else step for i, step in enumerate(proof)]
        with pytest.raises(merkle.ProofError):
            merkle.verify_inclusion(index, size, hashes[index], changed, root)
        with pytest.raises(merkle.ProofError):
            merkle.verify_inclusion(index, size, hashes[index], proof[:-1], root)
    old = 1 + flip % size
    steps = merkle.consistency_proof(old, size, read)
    with pytest.raises(merkle.ProofError):
        merkle.verify_consistency(old, size, steps, hashlib.sha256(b"other").digest(), root)
    with pytest.raises(merkle.ProofError):
        merkle.verify_consistency(old, size, [*steps, root], merkle.head(0, old, read), root)


def test_paths_of_tiles():
    assert tiles.tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tiles.tile_path(2, 0, 17) == "tile/2/000.p/17"
    assert tiles.bundle_path(273, 112) == "tile/entries/273.p/112"
    assert tiles.bundle_path(1000) == "tile/entries/x001/000"


def test_tiles_of_a_tree_of_seventy_thousand():
    """The example of the specification: 273 full and one partial tile, one full and one partial, one partial."""
    found = list(tiles.new_tiles(0, 70_000))
    assert [sum(1 for level, _, width in found if level == at and width == 256) for at in range(3)] == [273, 1, 0]
    assert [(level, width) for level, _, width in found if width < 256] == [(0, 112), (1, 17), (2, 1)]
    assert list(tiles.new_tiles(0, 256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles.new_tiles(255, 255)) == []


def store(leaves: list[bytes]) -> dict[str, bytes]:
    """All tiles and bundles of a tree, each computed by definition."""
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    files = {}
    for level, number, width in tiles.new_tiles(0, len(leaves)):
        span = 256**level
        first = number * 256
        files[tiles.tile_path(level, number, width)] = b"".join(
            by_definition(hashes[(first + i) * span : (first + i + 1) * span]) for i in range(width)
        )
        if level == 0:
            files[tiles.bundle_path(number, width)] = tiles.encode_bundle(leaves[first : first + width])
    return files


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700, 65_536 + 300])
def test_a_tree_read_from_tiles(size):
    leaves = [i.to_bytes(3, "big") for i in range(size)]
    files = store(leaves)

    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    tree = tiles.Tiles(size, read)
    root = by_definition(hashes)
    assert tree.root() == root
    chance = random.Random(size)
    for index in {0, size - 1, *(chance.randrange(size) for _ in range(20))}:
        merkle.verify_inclusion(index, size, hashes[index], merkle.inclusion_proof(index, size, tree.subtree), root)
        assert tree.entry(index) == leaves[index]
    for old in {1, size, *(chance.randrange(1, size + 1) for _ in range(6 if size < 1000 else 1))}:
        # An earlier tree is read from the later one's tiles, although its own partial tiles are gone.
        proof = merkle.consistency_proof(old, size, tree.subtree)
        merkle.verify_consistency(old, size, proof, by_definition(hashes[:old]), root)


def test_bundles_are_refused_when_short_or_too_long():
    data = tiles.encode_bundle([b"", b"abc"])
    assert data == b"\x00\x00\x00\x03abc"
    assert tiles.decode_bundle(data, 2) == [b"", b"abc"]
    assert tiles.cut_bundle(data, 1) == b"\x00\x00"
    with pytest.raises(tiles.TileError):
        tiles.decode_bundle(data, 3)
    with pytest.raises(tiles.TileError):
        tiles.decode_bundle(data[:-1], 2)
    with pytest.raises(tiles.TileError):
        tiles.encode_bundle([b"x" * 65_536])


# Key, text and note of the tests of the Go package in which the format was born.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_known_note_is_written_and_read():
    signer = Signer.parse(PETER_SECRET)
    assert signer.write() == PETER_SECRET
    assert str(signer.verifier) == PETER
    assert str(signer.sign(PETER_TEXT)) == PETER_LINE
    note = notes.open_note(PETER_TEXT + "\n" + PETER_LINE, [Verifier.parse(PETER)])
    assert note.text == PETER_TEXT
    assert [signature.name for signature in note.verified] == ["PeterNeumann"]
    assert str(note) == PETER_TEXT + "\n" + PETER_LINE


@pytest.mark.parametrize(
    "bad",
    [
        PETER_TEXT,
        PETER_TEXT + "\n",
        PETER_TEXT + "\n" + PETER_LINE[:-1],
        "\x01" + PETER_TEXT + "\n" + PETER_LINE,
        b"\xff" + (PETER_TEXT + "\n" + PETER_LINE).encode(),
        PETER_TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad Name"),
        PETER_TEXT + "\n" + PETER_LINE + "Unexpected line.\n",
        PETER_TEXT + "\n" + PETER_LINE.replace("x08g", "x08h"),  # another key
        PETER_TEXT.replace("think", "thank") + "\n" + PETER_LINE,
        PETER_TEXT + "\n" + PETER_LINE * 101,
    ],
)
def test_bad_notes_are_refused(bad):
    with pytest.raises(NoteError):
        notes.open_note(bad, [Verifier.parse(PETER)])


@pytest.mark.parametrize(
    "key",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER[1:],
        PETER[:-1],
        PETER.replace("c74f", "c74e"),
        "",
    ],
)
def test_bad_keys_are_refused(key):
    with pytest.raises(NoteError):
        Verifier.parse(key)


# A checkpoint of the Go checksum database as it was served on 2024-09-23.
GO_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = """go.sum database tree
30055305
mXfgRcJ0bG0j3CPdKwgGWtUzBUbX67saZGRmFuJGGsM=

— sum.golang.org Az3grpgEild5qw7+5dtV13Kf1C2Xurm8q4fhdxvcsDHnqNTaxL2AFjBY+2TyGKevucFcAAlWFJJYle3EJlDCrQ+y3A8=
"""


def test_a_checkpoint_of_a_running_log():
    checkpoint, note = open_checkpoint(GO_NOTE, Verifier.parse(GO_KEY))
    assert (checkpoint.origin, checkpoint.size) == ("go.sum database tree", 30055305)
    assert checkpoint.text == note.text
    with pytest.raises(NoteError):
        open_checkpoint(GO_NOTE.replace("30055305", "30055306"), Verifier.parse(GO_KEY))
    with pytest.raises(NoteError):
        open_checkpoint(GO_NOTE, Verifier.parse(PETER))


def test_a_known_cosignature():
    """The witness's line in the tests of sigsum, and made anew with the same key."""
    root = bytes([28, 14, 71]) + bytes(29)
    text = Checkpoint("example.org/log", 10, root).text
    witness = Signer("example.org/witness", notes.COSIGNATURE, bytes([17]) + bytes(31))
    line = (
        "— example.org/witness ys8uUAAAAAAAAATSftMzceM8zssdZ9jin9SjwIxzx9iADMf63VqirX2hafol9RsqNqbofIz0LVRq"
        "HXI2kpEBSki5RTXFtxz1vo9+Cg==\n"
    )
    assert str(witness.sign(text, time=1234)) == line
    signature = notes.parse_signature(line)
    assert signature.time == 1234
    assert witness.verifier.verifies(text, signature.signed)
    assert not witness.verifier.verifies(text, signature.signed[:7] + b"\x01" + signature.signed[8:])
    with pytest.raises(ValueError, match="time"):
        witness.sign(text)


@pytest.mark.parametrize(
    "text",
    [
        "origin\n01\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n1\n\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n1\nAAAA\n",
        "origin\n-1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n1\n",
    ],
)
def test_bad_checkpoints_are_refused(text):
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


NOON = dt.datetime(2026, 6, 3, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def leaf(act: str = "published", version: int = 1, *digests: str, **more) -> Leaf:
    files = tuple(LeafFile(f"附件{n}.pdf", digest) for n, digest in enumerate(digests, start=1))
    content = more.pop("content", "c" * 64 if act in ("published", "amended") else "")
    return Leaf(act, "YX-2026-0001", version, content, "云溪区教育局", NOON, files, **more)


def test_a_leaf_is_canonical_and_comes_back():
    one = leaf("published", 1, "a" * 64)
    assert one.encode().decode() == (
        '{"act":"published","content":"' + "c" * 64 + '","files":[{"name":"附件1.pdf","sha256":"' + "a" * 64 + '"}],'
        '"format":1,"subject":"YX-2026-0001","time":"2026-06-03T12:00:00+08:00","unit":"云溪区教育局","version":1}'
    )
    assert Leaf.decode(one.encode()) == one
    with pytest.raises(ValueError, match="digest"):
        leaf("published", 1, "A" * 64).encode()
    with pytest.raises(ValueError, match="act"):
        leaf("renamed").encode()
    for bad in (b"[]", b"{}", b"\xff", b'{"format":2}', b"7"):
        with pytest.raises(ValueError, match=r"."):
            Leaf.decode(bad)


def test_content_is_the_same_however_it_was_written():
    first = {"title": "caf\u00e9", "body": "一\r\n二", "day": dt.date(2026, 6, 3), "tags": ("甲", "乙"), "n": 3}
    second = {"n": 3, "tags": ["甲", "乙"], "day": "2026-06-03", "body": "一\n二", "title": "cafe\u0301"}
    assert content_digest(first) == content_digest(second)
    assert canonical({"b": True, "a": None}) == b'{"a":null,"b":true}'
    for bad in (1.5, b"x", {1, 2}, NOON.replace(tzinfo=None)):
        with pytest.raises(TypeError):
            canonical({"x": bad})


def test_names_of_files_tell_nothing_of_persons():
    assert neutral_name("正文.docx", 1) == "正文.docx"
    assert neutral_name("附件12.pdf", 3) == "附件12.pdf"
    assert neutral_name("关于某人的处罚决定.PDF", 2) == "附件2.pdf"
    assert neutral_name("无后缀", 4) == "附件4"


def test_how_a_file_stands():
    a, b = "a" * 64, "b" * 64
    history = [Entry(0, leaf("published", 1, a))]
    assert standing(history, b) is None
    assert standing(history, a).state == CURRENT
    history.append(Entry(1, leaf("amended", 2, b)))
    assert standing(history, a).state == OLDER
    assert standing(history, b).state == CURRENT
    history.append(Entry(2, leaf("validity_changed", 2, detail="repealed")))
    assert standing(history, b).state == CURRENT
    assert standing(history, b).validity == "repealed"
    history.append(Entry(3, leaf("withdrawn", 2)))
    assert {standing(history, digest).state for digest in (a, b)} == {GONE}


def write(folder: Path, leaves: list[bytes], signer: Signer) -> Checkpoint:
    """A log in a folder."""
    for path, data in store(leaves).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    checkpoint = Checkpoint(signer.name, len(leaves), by_definition([merkle.leaf_hash(leaf) for leaf in leaves]))
    (folder / "checkpoint").write_text(f"{checkpoint.text}\n{signer.sign(checkpoint.text)}", encoding="utf-8")
    return checkpoint


def test_a_reader_of_a_log_believes_only_what_it_can_check(tmp_path):
    signer = Signer.generate("yunxi.example/tlog")
    leaves = [f"entry {i}".encode() for i in range(600)]
    old = write(tmp_path, leaves[:300], signer)
    new = write(tmp_path, leaves, signer)
    log = Log(folder_reader(tmp_path), signer.verifier)
    checkpoint, _ = log.checkpoint()
    assert checkpoint == new
    log.prove_inclusion(17, leaves[17], checkpoint)
    log.prove_consistency(old, new)
    assert [entry for _, entry in log.entries(new)] == leaves
    with pytest.raises(merkle.ProofError):
        log.prove_inclusion(18, leaves[17], checkpoint)
    with pytest.raises(merkle.ProofError, match="shrunk"):
        log.prove_consistency(new, old)
    with pytest.raises(merkle.ProofError):
        log.prove_consistency(Checkpoint(old.origin, 299, old.root), new)
    bundle = tmp_path / "tile/entries/001"
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 300", b"entry 3OO"))
    with pytest.raises(merkle.ProofError, match="entry 300"):
        list(log.entries(new))
    lowest = tmp_path / "tile/0/000"
    lowest.write_bytes(bytes(32) + lowest.read_bytes()[32:])
    with pytest.raises(merkle.ProofError):
        list(log.entries(new))
