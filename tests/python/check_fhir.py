"""Checks FHIR bundles, one per line, with readers that share no code with Twinloom.

usage: check_fhir.py FILE.ndjson|FOLDER [--schema fhir.schema.json[.gz]] [--uk-core FOLDER]
                     [--limit BUNDLES]

- every line is a Bundle that the fhir.resources models (R4B) accept;
- with --schema, every resource satisfies HL7's JSON schema of R4 4.0.1;
- with --uk-core, the profiles, extensions, code systems and codes of UK Core that resources name are
  published, and elements that a named profile requires are there;
- within each bundle, full URLs are distinct and end in Type/id, and every reference leads to an entry;
- every resource is marked as test data (HTEST).

Prints {"bundles": n, "resources": {type: n}, "references": n, "schema_checked": n} as JSON; the
first faults go to standard error and the exit code is 1. --limit takes the first bundles only.
"""

import argparse
import collections
import gzip
import itertools
import json
import pathlib
import sys
import xml.etree.ElementTree

from fhir.resources.R4B import bundle as r4b

FAULTS_SHOWN = 20
UK_CORE = "https://fhir.hl7.org.uk/"
XML = {"f": "http://hl7.org/fhir"}
TEST_DATA = ("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST")


def references(value):
    """Yields every literal reference below a JSON value."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def schema_validators(path: pathlib.Path):
    """Returns a function from a resource to the schema's complaints about it."""
    import jsonschema

    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as file:
        schema = json.load(file)
    validators = {}

    def complaints(resource):
        kind = resource["resourceType"]
        if kind not in validators:
            # The root is a oneOf over every resource type; naming the type gives usable messages.
            named = {"definitions": schema["definitions"], "allOf": [{"$ref": f"#/definitions/{kind}"}]}
            validators[kind] = jsonschema.Draft6Validator(named)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
                for error in validators[kind].iter_errors(resource)]

    return complaints


def uk_core_validator(folder: pathlib.Path):
    """Returns a function from a resource to what of it UK Core does not publish or finds lacking."""
    codes, required = {}, {}
    for path in sorted(folder.glob("codesystems/*.xml")):
        root = xml.etree.ElementTree.parse(path).getroot()
        listed = {code.get("value") for code in root.iterfind(".//f:concept/f:code", XML)}
        codes[root.find("f:url", XML).get("value")] = listed
    for path in sorted(folder.glob("structuredefinitions/*.xml")):
        root = xml.etree.ElementTree.parse(path).getroot()
        elements = [element.get("id").split(".")[1:] for element in root.iterfind(".//f:element", XML)
                    if (least := element.find("f:min", XML)) is not None and least.get("value") != "0"]
        # Elements of the resource itself; what is required within an optional one needs its presence.
        required[root.find("f:url", XML).get("value")] = [parts[0] for parts in elements if len(parts) == 1]

    def complaints(value, path):
        if isinstance(value, list):
            for place, child in enumerate(value):
                yield from complaints(child, f"{path}/{place}")
        if not isinstance(value, dict):
            return
        for profile in value.get("meta", {}).get("profile", []):
            if profile not in required:
                yield f"{path}: {profile} is not published"
            for element in required.get(profile, []):
                if element not in value:
                    yield f"{path}: {profile} requires {element}"
        url = value.get("url", "")
        if url.startswith(f"{UK_CORE}StructureDefinition/") and url not in required:
            yield f"{path}: {url} is not published"
        system = value.get("system", "")
        if system.startswith(f"{UK_CORE}CodeSystem/UKCore-") and value.get("code") not in codes.get(system, ()):
            yield f"{path}: {system} has no code {value.get('code')}"
        for name, child in value.items():
            yield from complaints(child, f"{path}/{name}")

    return complaints


def check_bundle(bundle, fault):
    """Checks what the models don't: identity, references, marks. Returns the number of references."""
    known = set()
    for entry in bundle["entry"]:
        resource = entry["resource"]
        name = f"{resource['resourceType']}/{resource['id']}"
        if name in known:
            fault(f"{name} stands twice")
        known.add(name)
        if not entry["fullUrl"].endswith(f"/{name}"):
            fault(f"{name} has another full URL: {entry['fullUrl']}")
        tags = {(tag.get("system"), tag.get("code")) for tag in resource.get("meta", {}).get("tag", [])}
        if TEST_DATA not in tags:
            fault(f"{name} is not marked as test data")
    found = list(references(bundle))
    for reference in found:
        if reference not in known:
            fault(f"{reference} leads nowhere")
    return len(found)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=pathlib.Path)
    parser.add_argument("--schema", type=pathlib.Path)
    parser.add_argument("--uk-core", type=pathlib.Path)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    files = sorted(options.path.glob("*.ndjson")) if options.path.is_dir() else [options.path]
    complaints = schema_validators(options.schema) if options.schema else None
    uk_core = uk_core_validator(options.uk_core) if options.uk_core else None
    faults, bundles, reference_count, schema_checked = [], 0, 0, 0
    resources: collections.Counter[str] = collections.Counter()
    lines = ((file, number, line) for file in files
             for number, line in enumerate(file.open(encoding="utf-8"), start=1))
    for file, number, line in itertools.islice(lines, options.limit):
        def fault(message, place=f"{file.name}:{number}"):
            faults.append(f"{place}: {message}")

        bundle = json.loads(line)
        bundles += 1
        try:
            r4b.Bundle.model_validate(bundle)
        except ValueError as error:
            fault(str(error))
        reference_count += check_bundle(bundle, fault)
        for entry in bundle["entry"]:
            resources[entry["resource"]["resourceType"]] += 1
            if uk_core:
                for complaint in uk_core(entry["resource"], entry["resource"]["resourceType"]):
                    fault(complaint)
            if complaints:
                schema_checked += 1
                for complaint in complaints(entry["resource"]):
                    fault(f"{entry['resource']['resourceType']} {complaint}")
    json.dump({"bundles": bundles, "resources": dict(sorted(resources.items())),
               "references": reference_count, "schema_checked": schema_checked}, sys.stdout)
    print()
    if bundles == 0:
        faults.append(f"{options.path} holds no bundle")
    for line in faults[:FAULTS_SHOWN]:
        print(line, file=sys.stderr)
    if faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
