"""Writes each chart's values.schema.json from the YAML sources in schema/.

A JSON schema in a chart cannot refer to another file, so what the service
charts share is written once in schema/shared.yaml and repeated by this program.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

SOURCES = Path(__file__).parent / "schema"
# Helm 3 and 4 both read draft 7.
DIALECT = "http://json-schema.org/draft-07/schema#"

Schema = dict[str, Any]


def closed(schema: Any) -> Any:
    """The schema with every object closed and its properties required."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items() if key != "optional"}
    if schema.get("type") == "object" and "properties" in schema:
        optional = schema.get("optional", [])
        result.setdefault("additionalProperties", False)
        result["required"] = [key for key in schema["properties"] if key not in optional]
    return result


def nested(paths: Schema) -> Schema:
    """{"a.b": schema} as the schema of an object that has a, which has b."""
    result: Schema = {}
    for path, schema in paths.items():
        node = result
        for key in path.split("."):
            node = node.setdefault("properties", {}).setdefault(key, {})
        node.update(schema)
    return result


def rule(source: Schema) -> Schema:
    demand = nested(source["demand"])
    return {"if": nested(source["when"]), "then": demand} if "when" in source else demand


def load(name: str) -> Schema:
    source: Schema = yaml.safe_load((SOURCES / f"{name}.yaml").read_text())
    return source


def compose(name: str) -> Schema:
    """The whole schema of one chart."""
    own = load(name)
    shared: Schema = {} if own.get("alone") else load("shared")
    properties = {**shared.get("properties", {}), **own["properties"]}
    optional = [*shared.get("optional", []), *own.get("optional", [])]
    body = closed({"type": "object", "optional": optional, "properties": properties})
    rules = [rule(item) for item in [*shared.get("rules", []), *own.get("rules", [])]]
    definitions = closed({**shared.get("definitions", {}), **own.get("definitions", {})})
    conditions = {"allOf": rules} if rules else {}
    head = {"$schema": DIALECT, "title": f"Values of the chart {name}"}
    return {**head, **body, **conditions, "definitions": definitions}


def schemas(charts: Path) -> Iterator[tuple[Path, str]]:
    """Each chart's schema file and what it must contain."""
    for source in sorted(SOURCES.glob("*.yaml")):
        if source.stem != "shared":
            yield (
                charts / source.stem / "values.schema.json",
                json.dumps(compose(source.stem), indent=2) + "\n",
            )


if __name__ == "__main__":
    from generated import main

    sys.exit(main(schemas))
