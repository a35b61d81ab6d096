"""The JSON schema of the Hypergraph Interchange Format, version 0.1.0.

Copied from the standard's repository (MIT licence, copyright 2024-2025 HIF development team), since
HyperNetX fetches it from the network whenever it reads or writes a file.
"""


def _records(*required, **more):
    fields = {"weight": {"type": "number"}, "attrs": {"type": "object"}, **more}
    fields |= {name: {"type": ["string", "integer"]} for name in required}
    return {"type": "array", "items": {"type": "object", "properties": fields, "required": list(required)}}


SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Hypergraph Interchange Format v0.1.0",
    "type": "object",
    "properties": {
        "network-type": {"enum": ["undirected", "directed", "asc"]},
        "metadata": {"type": "object"},
        "incidences": _records("edge", "node", direction={"enum": ["head", "tail"]}),
        "nodes": _records("node"),
        "edges": _records("edge"),
    },
    "required": ["incidences"],
    "additionalProperties": False,
}


def give_to_hypernetx():
    """Makes HyperNetX find the schema without a network."""
    import json

    import hypernetx.hif

    class Response:
        text = json.dumps(SCHEMA)

    hypernetx.hif.requests.get = lambda _: Response
