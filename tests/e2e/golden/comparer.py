"""Derives the ground truth's figures from `khover dump --json` and compares them with truth.json.

Not compared, because a dump does not state it: the machine (cmdline, mem, smp, ram), which pages
were written (written_page_stride), the number of radix nodes.
"""

PAGE = 4096
MAX_ORDER = 52  # a block of 2^64 bytes
WRITTEN_FOLIO_FLAGS = 3  # uptodate and dirty: all that a 7.3 kernel writes


def number(value):
    """Truth has numbers and hex strings; a dump has hex strings only."""
    return value if isinstance(value, int) else int(value, 16)


class Dump:
    """Record sets by name; an absent set is an empty one."""

    def __init__(self, dump):
        self.root = number(dump["root"])
        self.phase = dump["phase"]
        self._sets = dump["sets"]

    def rows(self, name):
        return self._sets.get(name, [])

    def one(self, name):
        rows = self.rows(name)
        assert len(rows) == 1, f"{name}: {len(rows)} records instead of one"
        return rows[0]

    def children(self, name, parent):
        return [row for row in self.rows(name) if number(row["_parent"]) == parent]


def order_of_keys(dump):
    orders = {}
    for key in dump.rows("kho.keys"):
        phys = number(key["phys"])
        assert phys not in orders, f"kho.keys: {phys:#x} occurs twice"
        orders[phys] = number(key["order"])
        assert orders[phys] <= MAX_ORDER, f"kho.keys: {phys:#x} has order {orders[phys]}"
    return orders


def map_figures(dump):
    orders = order_of_keys(dump)
    by_order = {}
    for order in orders.values():
        by_order[str(order)] = by_order.get(str(order), 0) + 1
    return {
        "keys": len(orders),
        "keys_by_order": by_order,
        "preserved_bytes": sum(PAGE << order for order in orders.values()),
    }


def subtree_addresses(dump):
    return {row["name"]: number(row["data"]) for row in dump.rows("kho.subtrees")}


def covered(orders, start, size):
    """Whether preserved blocks hold every page of [start, start + size)."""
    blocks = sorted(orders.items())
    at = start
    for phys, order in blocks:
        if phys <= at < phys + (PAGE << order):
            at = phys + (PAGE << order)
    return at >= start + size


def unpreserved(dump):
    """What a correct kernel preserves although nothing in truth.json says so: a wrong address shows here."""
    orders = order_of_keys(dump)
    wanted = {"root FDT": (dump.root, PAGE)}
    wanted |= {f"subtree {name}": (at, 1) for name, at in subtree_addresses(dump).items()}
    wanted |= {
        f"region {region['name']}": (number(region["start"]), number(region["size"]))
        for region in dump.rows("memblock.regions")
    }
    for name in ("luo.file_blocks", "memfd.files"):
        wanted |= {f"{name} at {row['_addr']}": (number(row["_addr"]), 1) for row in dump.rows(name)}
    return [
        f"/keys: {what} is not preserved"
        for what, where in sorted(wanted.items())
        if not covered(orders, *where)
    ]


def memfd_figures(dump, orders, file):
    """Size, seals and position of a memfd; its folios must cover it and each must be one preserved block."""
    records = [row for row in dump.rows("memfd.files") if number(row["_addr"]) == number(file["data"])]
    assert len(records) == 1, f"memfd.files: {len(records)} records at {file['data']}"
    record = records[0]
    address = number(record["_addr"])
    size = number(record["size"])
    folios = dump.children("memfd.folios", address)
    assert len(folios) == number(
        record["nr_folios"]
    ), f"memfd at {address:#x}: nr_folios is {record['nr_folios']}"
    assert number(record["flags"]) == 0, f"memfd at {address:#x}: flags {record['flags']}"
    next_index = 0
    for folio in sorted(folios, key=lambda row: number(row["index"])):
        where = f"memfd at {address:#x}, folio {folio['index']}"
        phys = number(folio["pfn"]) * PAGE
        assert number(folio["index"]) == next_index, f"{where}: expected index {next_index:#x}"
        assert next_index * PAGE < size, f"{where}: starts beyond the end of the file"
        assert phys in orders, f"{where}: {phys:#x} is not preserved as one block"
        assert number(folio["flags"]) == WRITTEN_FOLIO_FLAGS, f"{where}: flags {folio['flags']}"
        next_index += 1 << orders[phys]
    assert (
        next_index * PAGE >= size
    ), f"memfd at {address:#x}: folios cover {next_index} pages of {size} bytes"
    assert (number(record["folios.first.phys"]) == 0) == (
        not folios
    ), f"memfd at {address:#x}: folios.first.phys"
    return {"size": size, "seals": number(record["seals"]), "pos": number(record["pos"])}


def session_figures(dump):
    """Sessions by name, each with its files by token."""
    orders = order_of_keys(dump)
    sessions = {}
    for session in dump.rows("luo.sessions"):
        name = session["name"]
        assert name not in sessions, f"luo.sessions: {name!r} occurs twice"
        files = {}
        blocks = dump.children("luo.file_blocks", number(session["_addr"]))
        for block in blocks:
            rows = dump.children("luo.files", number(block["_addr"]))
            assert len(rows) == number(
                block["count"]
            ), f"luo.file_blocks at {block['_addr']}: count {block['count']}"
            for file in rows:
                token = number(file["token"])
                assert token not in files, f"session {name!r}: token {token:#x} occurs twice"
                assert file["compatible"] == "memfd-v2", f"session {name!r}: {file['compatible']!r}"
                files[token] = memfd_figures(dump, orders, file)
        assert len(files) == number(session["file_set_ser.count"]), f"session {name!r}: file_set_ser.count"
        head = number(blocks[0]["_addr"]) if blocks else 0
        assert head == number(session["file_set_ser.files"]), f"session {name!r}: file_set_ser.files"
        sessions[name] = files
    return sessions


def luo_figures(dump):
    root = dump.one("luo.root")
    return {
        "phys": number(root["_addr"]),
        "compatible": root["compatible"],
        "liveupdate_num": number(root["liveupdate_num"]),
        "sessions_pa": number(root["sessions_pa"]),
        "flbs_pa": number(root["flbs_pa"]),
        "sessions": len(dump.rows("luo.sessions")),
        "flbs": [
            {"name": flb["name"], "data": number(flb["data"]), "count": number(flb["count"])}
            for flb in dump.rows("luo.flbs")
        ],
    }


def figures_of_dump(dump):
    root = dump.one("kho.root")
    metadata = dump.one("kexec-metadata.root")
    subtrees = subtree_addresses(dump)
    figures = {
        "fdt_phys": dump.root,
        "compatible": root["compatible"],
        "radix_root": number(root["memory_map"]),
        **map_figures(dump),
        "kexec_metadata": {
            "phys": number(metadata["_addr"]),
            "version": number(metadata["version"]),
            "previous_release": metadata["previous_release"],
            "kexec_count": number(metadata["kexec_count"]),
        },
        "memblock": None,
        "scratch": [[number(area["addr"]), number(area["size"])] for area in dump.rows("kho.scratch")],
        "luo": None,
        "sessions": session_figures(dump),
        "subtrees": subtrees,
    }
    if "memblock" in subtrees:
        figures["memblock"] = {
            "phys": subtrees["memblock"],
            "regions": {
                region["name"]: [number(region["start"]), number(region["size"])]
                for region in dump.rows("memblock.regions")
            },
        }
    if "LUO" in subtrees:
        figures["luo"] = luo_figures(dump)
    return figures


def figures_of_truth(truth, phase):
    point = truth["points"][phase]
    memblock = point["memblock"]
    luo = point.get("luo")
    # Sessions become reachable when they are serialized.
    sessions = truth["sessions"] if point["finalized"] else []
    figures = {
        "fdt_phys": number(point["fdt_phys"]),
        "compatible": point["compatible"],
        "radix_root": number(point["radix_root"]),
        "keys": point["keys"],
        "keys_by_order": point["keys_by_order"],
        "preserved_bytes": point["radix"]["preserved_bytes"],
        "kexec_metadata": point["kexec_metadata"],
        "memblock": None,
        "scratch": [[number(start), number(size)] for start, size in point["scratch"]["areas"]],
        "luo": None,
        "sessions": {
            session["name"]: {
                file["token"]: {"size": file["size"], "seals": file["seals"], "pos": file["pos"]}
                for file in session["files"]
            }
            for session in sessions
        },
        "subtrees": {"kexec-metadata": point["kexec_metadata"]["phys"]},
    }
    if memblock:
        figures["memblock"] = {
            "phys": memblock["phys"],
            "regions": {region["name"]: [region["start"], region["size"]] for region in memblock["regions"]},
        }
        figures["subtrees"]["memblock"] = memblock["phys"]
    if luo:
        # "size" is the blob's, which the root FDT states; khover checks it by a rule.
        figures["luo"] = {key: value for key, value in luo.items() if key != "size"}
        figures["subtrees"]["LUO"] = luo["phys"]
    return figures


def differences(expected, found, path=""):
    if isinstance(expected, dict) and isinstance(found, dict):
        result = []
        for key in sorted(set(expected) | set(found), key=str):
            if key not in expected:
                result.append(f"{path}/{key}: not in the truth, found {found[key]!r}")
            elif key not in found:
                result.append(f"{path}/{key}: missing, expected {expected[key]!r}")
            else:
                result += differences(expected[key], found[key], f"{path}/{key}")
        return result
    return [] if expected == found else [f"{path}: expected {expected!r}, found {found!r}"]


def compare(dump_json, truth, phase):
    """What differs, as lines; empty when the dump equals the truth."""
    dump = Dump(dump_json)
    try:
        found = figures_of_dump(dump)
    except (AssertionError, KeyError, ValueError) as error:
        return [f"{type(error).__name__}: {error}"]
    # Third parties' subtrees (kho_test) are beyond what the truth lists.
    expected = figures_of_truth(truth, phase)
    found["subtrees"] = {name: at for name, at in found["subtrees"].items() if name in expected["subtrees"]}
    result = differences(expected, found) + unpreserved(dump)
    if dump.phase != phase:
        result.append(f"/phase: expected {phase!r}, found {dump.phase!r}")
    # Implied by the comparison of names above, but this is what these two lists are for.
    gone = set(truth["sessions_destroyed_before_kexec"]) & set(found["sessions"])
    result += [f"/sessions: {name!r} was destroyed before the jump" for name in sorted(gone)]
    for refused in truth["refused_files"]:
        if refused["token"] in found["sessions"].get(refused["session"], {}):
            result.append(f"/sessions/{refused['session']}: token {refused['token']} was refused")
    return result
