"""Checks answers against the schemas of an OpenAPI document.

    check_schemas.py DOCUMENT < ANSWERS

ANSWERS is JSON Lines: {"method": "get", "path": "/rest/api/3/issue/{issueIdOrKey}", "status": 200, "body": …}.
Prints one line for each answer that is not what the document says, and exits with 1 if there is any.
"""

import json
import sys

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

# Members that the documents' own examples have and their schemas do not.
KNOWN = {"authorAccountId", "isDefault"}


def strict(node):
    """OpenAPI 3.0 as JSON Schema: a property may be null, as Jira's often are."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    # `object` without more stands for any value in these documents: the fields of an issue, for one.
    if node.get("type") == "object" and not node.keys() & {"properties", "additionalProperties", "required"}:
        return {}
    schema = {}
    for key, value in node.items():
        if key in ("example", "examples", "format"):
            # Formats are told apart by other tests: Jira writes offsets without a colon.
            continue
        if key == "properties" and isinstance(value, dict):
            schema[key] = {name: {"anyOf": [strict(item), {"type": "null"}]} for name, item in value.items()}
        else:
            schema[key] = strict(value)
    return schema


def resolved(document, schema):
    while "$ref" in schema:
        node = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


def explain(error):
    """The deepest reason inside the alternatives of an error, which is the one that helps."""
    while error.context:
        error = max(error.context, key=lambda inner: (len(inner.absolute_path), inner.validator != "type"))
    place = "/".join(str(part) for part in error.absolute_path)
    return f"at {place or 'the top'}: {error.message[:300]}"


def main(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    resource = Resource(contents=strict(document), specification=DRAFT202012)
    registry = Registry().with_resource("urn:openapi", resource)
    failures = checked = 0
    for line in sys.stdin:
        answer = json.loads(line)
        name = f"{answer['method']} {answer['path']} {answer['status']}"
        operation = document["paths"].get(answer["path"], {}).get(answer["method"])
        response = (operation or {}).get("responses", {}).get(str(answer["status"]))
        if response is None:
            print(f"{name}: the document has no such answer")
            failures += 1
            continue
        content = response.get("content", {})
        if "application/json" not in content or "schema" not in content["application/json"]:
            continue
        pointer = "/".join(
            part.replace("~", "~0").replace("/", "~1")
            for part in ("paths", answer["path"], answer["method"], "responses", str(answer["status"]), "content",
                         "application/json", "schema")
        ).replace("%", "%25").replace("{", "%7B").replace("}", "%7D")
        validator = Draft202012Validator({"$ref": f"urn:openapi#/{pointer}"}, registry=registry)
        checked += 1
        body = answer["body"]
        # Data Center's document describes a bare array by its element.
        is_list = isinstance(body, list) and resolved(document, content["application/json"]["schema"]).get("type") == "object"
        for item in body if is_list else [body]:
            reasons = [explain(error) for error in validator.iter_errors(item)]
            for reason in [reason for reason in reasons if not any(f"'{known}' was unexpected" in reason for known in KNOWN)][:3]:
                print(f"{name}: {reason}")
                failures += 1
    print(f"{checked} answers checked")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
