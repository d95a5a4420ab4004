"""The part of JSON Schema that docs/check.schema.json uses; a keyword beyond it is an error."""

import re

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}
KEYWORDS = {
    "$schema",
    "$defs",
    "$ref",
    "title",
    "type",
    "required",
    "additionalProperties",
    "properties",
    "items",
    "enum",
    "const",
    "pattern",
}


def violations(value, schema, root, path="$"):
    unknown = set(schema) - KEYWORDS
    if unknown:
        raise ValueError(f"{path}: keywords {unknown} are not known")
    if "$ref" in schema:
        yield from violations(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, path)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if "type" in schema and (not isinstance(value, TYPES[schema["type"]]) or isinstance(value, bool)):
        yield f"{path}: {value!r} is no {schema['type']}"
        return
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            yield from violations(item, schema["items"], root, f"{path}[{i}]")
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{path}: {name} is missing"
        others = schema.get("additionalProperties", True)
        for name, item in value.items():
            if name in schema.get("properties", {}):
                yield from violations(item, schema["properties"][name], root, f"{path}.{name}")
            elif others is False:
                yield f"{path}: {name} is not in the schema"
            elif others is not True:
                yield from violations(item, others, root, f"{path}.{name}")
