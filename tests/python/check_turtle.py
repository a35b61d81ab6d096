"""Reads FHIR Turtle with rdflib and counts what it holds by SPARQL.

usage: check_turtle.py FILE.ttl

Prints {"resources": {type: n}, "codings": n, "quantities": n, "links": n, "dangling": n, "patients_with_condition": n}
as JSON; `dangling` counts links to resources that the file does not describe.
"""

import json
import sys

import rdflib

PREFIX = "PREFIX fhir: <http://hl7.org/fhir/>\n"


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    graph = rdflib.Graph()
    graph.parse(sys.argv[1], format="turtle")

    def number(query: str) -> int:
        return next(iter(graph.query(PREFIX + query)))[0].toPython()

    types = graph.query(
        PREFIX
        + "SELECT ?type (COUNT(DISTINCT ?r) AS ?n) WHERE { ?r a ?type ; fhir:nodeRole fhir:treeRoot } GROUP BY ?type"
    )
    report = {
        "resources": {str(kind).rsplit("/", 1)[1]: count.toPython() for kind, count in types},
        "codings": number("SELECT (COUNT(?c) AS ?n) WHERE { ?x fhir:CodeableConcept.coding ?c }"),
        "quantities": number(
            "SELECT (COUNT(?v) AS ?n) WHERE { ?q fhir:Quantity.value/fhir:value ?v FILTER(isNumeric(?v)) }"
        ),
        "links": number("SELECT (COUNT(?b) AS ?n) WHERE { ?b fhir:link ?to }"),
        "dangling": number(
            "SELECT (COUNT(?b) AS ?n) WHERE { ?b fhir:link ?to FILTER NOT EXISTS { ?to fhir:nodeRole fhir:treeRoot } }"
        ),
        "patients_with_condition": number(
            "SELECT (COUNT(DISTINCT ?p) AS ?n) WHERE { ?c a fhir:Condition ; fhir:Condition.subject/fhir:link ?p ."
            " ?p a fhir:Patient }"
        ),
    }
    json.dump(report, sys.stdout)
    print()


if __name__ == "__main__":
    main()
