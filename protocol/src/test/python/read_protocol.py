"""A second reader of the session protocol, written from docs/protocol.md alone.

The table of frames in that page is its grammar; the samples are read as the page's section on them says.
Usage: read_protocol.py PAGE <INPUT >OUTPUT. Each line of the input is a word, a blank and bytes in
hexadecimal; each line of the output is what was read in them, as JSON:

  agent|collector  one frame that this side sends in an open session
  new-agent|new-collector  one frame that comes before WELCOME
  stream  all that an agent sends after WELCOME: schemas and samples
"""

import hashlib
import json
import re
import struct
import sys
import unicodedata
import zlib

FIELD = re.compile(
    r"(?:list\((?:(\d+)\.\.)?(\d+)\)(\?)? of )?"
    r"(u8|u16|u32|i64|seq|mark|varint|zigzag|text|bytes|raw|uuid|hash|bool|moment|position|term)"
    r"(?:\((?:(\d+)\.\.)?(\d+)\))?(\?)?(?: .*)?"
)
BEFORE_WELCOME = 4096
OTHERS = 65536
BLOCK = 4096
LARGEST = 1 << 53
OPENS = ("HELLO", "WELCOME", "GOAWAY", "RENEW", "RENEWED")
NOT_AFTER = ("HELLO", "WELCOME", "RENEW", "RENEWED")
FLAGS = {"SCHEMA": 1, "KEY": 1, "DELTA": 1, "DESIRED": 2}


class Malformed(Exception):
    pass


class Page:
    """The table of frames and the tables of words."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.types = {}
        for row in re.findall(r"^\| (\d+) \| ([A-Z_]+) \| (\w+) \| (\d+) \| (.*) \|$", text, re.M):
            code, name, sender, longest, body = row
            fields = [FIELD.fullmatch(field) for field in body.split(" · ")]
            if None in fields:
                raise SystemExit(f"{name}: the page has a field that this cannot read: {body}")
            self.types[int(code)] = (name, sender, int(longest), [field.groups() for field in fields])
        flat = " ".join(text.split())
        self.words = {
            name: {int(code) for code in re.findall(r"(\d+) [A-Z_]+", re.search(start + r": (.*?)\. ", flat)[1])}
            for name, start in (("GOAWAY", "Reasons of GOAWAY"), ("APPLIED", "Answers of APPLIED"), ("CAPTURE", "What CAPTURE wants"))
        }


class Bytes:
    def __init__(self, given):
        self.given = given
        self.at = 0

    def left(self):
        return len(self.given) - self.at

    def take(self, length):
        if length > self.left():
            raise Malformed("a field is not there")
        self.at += length
        return self.given[self.at - length : self.at]

    def number(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(form)))[0]

    def varint(self, most=(1 << 64) - 1):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.number("B")
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value > most:
                    raise Malformed("a number beyond its bound")
                return value
        raise Malformed("a varint of more than 64 bits")

    def text(self, length):
        try:
            text = self.take(length).decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("no UTF-8") from None
        if any(unicodedata.category(c) == "Cc" for c in text):
            raise Malformed("a control character")
        return text


def bounded(value, least, most):
    if value < least or value > most:
        raise Malformed("a number out of its bounds")
    return value


def unzigzag(value):
    return (value >> 1) ^ -(value & 1)


def one(kind, least, most, bytes_):
    """The values of one field; composed ones have several."""
    low = int(least) if least else 0
    if kind in ("u8", "u16", "u32"):
        value = bytes_.number({"u8": "B", "u16": "H", "u32": "I"}[kind])
        return [bounded(value, low, int(most)) if most else value]
    if kind == "i64":
        return [bytes_.number("q")]
    if kind == "seq":
        return [bounded(bytes_.number("q"), 1, LARGEST << 10)]
    if kind == "mark":
        return [bounded(bytes_.number("q"), 0, LARGEST << 10)]
    if kind == "varint":
        return [bytes_.varint()]
    if kind == "zigzag":
        return [unzigzag(bytes_.varint())]
    if kind == "text":
        length = bytes_.number("H")
        return [bytes_.text(bounded(length, int(least) if least else 1, int(most)))]
    if kind == "bytes":
        return [bytes_.take(bounded(bytes_.number("I"), low, int(most))).hex()]
    if kind == "raw":
        return [bytes_.take(int(most)).hex()]
    if kind in ("uuid", "hash"):
        return [bytes_.take(16).hex()]
    if kind == "bool":
        return [bounded(bytes_.number("B"), 0, 1)]
    if kind == "moment":
        return [bytes_.number("q"), bytes_.number("q")]
    if kind == "position":
        return [bytes_.number("q")] + one("mark", None, None, bytes_)
    if kind == "term":
        return one("mark", None, None, bytes_) + one("mark", None, None, bytes_) + [bytes_.number("q")]
    raise AssertionError(kind)


def body(name, fields, bytes_):
    values = []
    for list_least, list_most, list_appended, kind, least, most, appended in fields:
        if list_appended and bytes_.left() == 0:
            values.append([])
        elif appended and bytes_.left() == 0:
            values.append({"uuid": "0" * 32, "hash": "0" * 32, "mark": 0}.get(kind, ""))
        elif list_most:
            count = bounded(bytes_.number("B"), int(list_least or 0), int(list_most))
            values.append([one(kind, least, most, bytes_)[0] for _ in range(count)])
        else:
            values += one(kind, least, most, bytes_)
    return values


def checked(name, values, words):
    """What the page says of a field beside its bounds."""
    at = 1 if name == "CAPTURE" else 0
    if name in words and values[at] not in words[name]:
        values[at] = 255
    if name == "DELTA":
        sequence, _, step, wall, monotonic, _ = values
        bounded(step, 1, sequence - 1)
        values[4] = (monotonic + wall * 1_000_000 + (1 << 63)) % (1 << 64) - (1 << 63)
    if name == "DESIRED":
        full, of, part, parts = values[4], values[5], values[8], values[9]
        if part > parts or (full and of):
            raise Malformed("parts or base contradict")
    if name == "READ_OUTPUT" and not re.fullmatch("[a-z0-9]([a-z0-9-]*[a-z0-9])?", values[1]):
        raise Malformed("no name of a job")
    return values


def frame(page, sender, opened, given):
    """The next frame and the rest: name and values, None where it is not all there."""
    if len(given) < 6:
        return None, given
    length, code = struct.unpack(">IB", given[:5])
    name, senders, longest, fields = page.types.get(code, (None, "both", OTHERS, []))
    if length < 2 or length > (longest if opened else BEFORE_WELCOME):
        raise Malformed("a length beyond the type's")
    if len(given) < 4 + length:
        return None, given
    rest = given[4 + length :]
    if name is None:
        if not opened:
            raise Malformed("an unknown type before WELCOME")
        return ["unknown", code], rest
    if senders not in (sender, "both") or name in (NOT_AFTER if opened else ()) or not (opened or name in OPENS):
        raise Malformed("a type that this side must not send")
    values = checked(name, body(name, fields, Bytes(given[6 : 4 + length])), page.words)
    flag = [1 if given[5] & FLAGS[name] else 0] if name in FLAGS else []
    return [name] + flag + values, rest


def schema(hash_, length, deflated):
    """The series of a schema: family code, simulated, scale, labels."""
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(bytes.fromhex(deflated), length + 1)
    except zlib.error:
        raise Malformed("not deflated") from None
    if len(content) != length or not inflater.eof:
        raise Malformed("another length")
    if hashlib.sha256(content).hexdigest()[:32] != hash_:
        raise Malformed("another hash")
    bytes_ = Bytes(content)
    labels = [bytes_.text(bytes_.varint(1024)) for _ in range(bytes_.varint(65535))]
    families = [(bytes_.varint(65535), bytes_.varint(32)) for _ in range(bytes_.varint(4096))]
    series = []
    for _ in range(bytes_.varint(32768)):
        family = bounded(bytes_.varint(4096), 0, len(families) - 1)
        simulated = bytes_.number("B") & 1
        scale = bounded(bytes_.number("b"), -9, 9)
        numbers = [bounded(bytes_.varint(65535), 0, len(labels) - 1) for _ in range(families[family][1])]
        series.append([families[family][0], simulated, scale, [labels[n] for n in numbers]])
    return series


class Chain:
    """The samples of one schema, live or late."""

    def __init__(self, hash_, series):
        self.hash = hash_
        self.scales = [each[2] for each in series]
        self.values = [None] * len(series)
        self.blocks = max(1, -(-len(series) // BLOCK))
        self.next = None  # block, whether it is a KEY, and the sample so far

    def key(self, incarnation, sequence, block, wall, monotonic, hash_, values):
        sample = [incarnation, sequence, wall, monotonic]
        if hash_ != self.hash:
            return self.lost()
        if block and self.next != (block, True, sample[:2]):
            return self.lost()
        return self.read(sample if block == 0 else self.sample, block, True, values)

    def delta(self, sequence, block, step, wall, monotonic, changes):
        if self.next is None:
            return self.lost()
        expected, key, place = self.next
        if block == 0 and expected == 0 and place[1] == sequence - step:
            sample = [place[0], sequence, wrapped(self.sample[2] + wall), wrapped(self.sample[3] + monotonic)]
        elif block and not key and (block, sequence) == (expected, place[1]):
            sample = self.sample
        else:
            return self.lost()
        return self.read(sample, block, False, changes)

    def lost(self):
        self.next = None
        return ["waits"]

    def read(self, sample, block, key, hex_):
        self.sample = sample
        self.next = None
        bytes_ = Bytes(bytes.fromhex(hex_))
        places = range(block * BLOCK, min(len(self.values), (block + 1) * BLOCK))
        if key:
            for place in places:
                self.values[place] = None
                self.values[place] = self.value(place, bytes_)
        else:
            bitmap = bytes_.take(-(-len(places) // 8))
            for n in range(len(bitmap) * 8):
                if bitmap[n // 8] >> n % 8 & 1:
                    if n >= len(places):
                        raise Malformed("a bit behind the last series")
                    self.values[places[n]] = self.value(places[n], bytes_)
        following = (block + 1) % self.blocks
        self.next = (following, key, sample[:2])
        return ["partial"] if following else ["sample", *sample, [bits(value) for value in self.values]]

    def value(self, place, bytes_):
        code = bytes_.varint()
        if code == 0:
            return None
        if code == 1:
            return bytes_.number("d")
        scaled = base(self.values[place], self.scales[place]) + unzigzag(code - 2)
        bounded(scaled, -LARGEST, LARGEST)
        scale = self.scales[place]
        return scaled / 10.0**scale if scale >= 0 else scaled * 10.0**-scale


def base(value, scale):
    if value is None:
        return 0
    product = value * 10.0**scale if scale >= 0 else value / 10.0**-scale
    if not abs(product) <= LARGEST:
        return 0
    return round(product)


def bits(value):
    return None if value is None else struct.pack(">d", value).hex()


def wrapped(value):
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def stream(page, given):
    """What each frame of an agent means, up to the first that is malformed."""
    seen = []
    chains = [None, None]  # live, late
    try:
        while True:
            read, given = frame(page, "agent", True, given)
            if read is None:
                return seen
            name, late = read[0], read[1] if len(read) > 1 else 0
            if name == "SCHEMA":
                series = schema(*read[2:])
                chains[late] = Chain(read[2], series)
                seen.append(["schema", series])
            elif name in ("KEY", "DELTA"):
                chain = chains[late]
                if chain is None:
                    meaning = ["waits"]
                else:
                    meaning = (chain.key if name == "KEY" else chain.delta)(*read[2:])
                seen.append([*meaning, late])
    except Malformed:
        return seen + [["malformed"]]


def single(page, who, given):
    try:
        read, _ = frame(page, who.removeprefix("new-"), not who.startswith("new-"), given)
        return ["incomplete"] if read is None else read
    except Malformed:
        return ["malformed"]


def main():
    page = Page(sys.argv[1])
    for line in sys.stdin:
        who, _, hex_ = line.rstrip("\n").partition(" ")
        given = bytes.fromhex(hex_)
        print(json.dumps(stream(page, given) if who == "stream" else single(page, who, given)))


if __name__ == "__main__":
    main()
