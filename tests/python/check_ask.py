"""Computes the answers of `twinloom graph ask` from a study's Parquet tables and compares them.

usage: check_ask.py STUDY TABLES ANSWERS.json [INTERACTIONS.csv]

TABLES is crates/codes/data. ANSWERS.json holds a list of what `graph ask ... --suppress 0 --json` printed, each with
`interactions`, whether it was asked with INTERACTIONS.csv. Every
table of every answer is computed again from events/ and records/ with DuckDB, Python and NetworkX,
from the definitions in docs/graph-questions.md. Counts must be equal, numbers equal to 1e-9, rows in order (rows of
single persons in any order). Prints {question: {table: rows}, ...} as a list; ends with an error on a difference.
"""

import csv
import itertools
import json
import math
import pathlib
import re
import sys
import tomllib
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import duckdb
import networkx
import numpy
from scipy import sparse, stats

DAY = timedelta(days=1)
Z = stats.norm.ppf(0.975)
def wilson(part, whole):
    if whole == 0:
        return None
    p = part / whole
    low, high = (0.0 if part == 0 else None), (1.0 if part == whole else None)
    centre = (p + Z * Z / (2 * whole)) / (1 + Z * Z / whole)
    half = Z / (1 + Z * Z / whole) * math.sqrt(p * (1 - p) / whole + Z * Z / (4 * whole * whole))
    return {"value": p, "low": centre - half if low is None else low, "high": centre + half if high is None else high}


def median(values):
    if not values:
        return None
    ordered, n = sorted(values), len(values)
    value = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    # ppf(0.025) is the least r with P(B <= r) >= 0.025: ranks below it are few enough, itself counted from 0.
    rank = int(stats.binom.ppf(0.025, n, 0.5))
    if rank > 0 and stats.binom.cdf(rank - 1, n, 0.5) > 0.025:
        rank -= 1
    if stats.binom.cdf(rank, n, 0.5) <= 0.025:
        rank += 1
    if rank == 0:
        return {"value": value, "low": None, "high": None}
    return {"value": value, "low": ordered[rank - 1], "high": ordered[n - rank]}


def days(start, end):
    return (end - start) / DAY


def kinds_of(row):
    """The kinds of events that state a set: as it says, else orders of drugs and else conditions."""
    drugs = all(code.startswith("ATC//") for code in row["codes"]) and not row["words"]
    return row.get("kinds") or (["medication"] if drugs else ["condition"])


class Study:
    """A study's tables, as known at a time."""

    def __init__(self, folder, tables, as_of):
        self.as_of, self.closures = as_of, {}
        db = self.db = duckdb.connect()
        self.sets = {row["name"]: row for row in tomllib.loads((tables / "sets.toml").read_text())["set"]}
        self.ranges = tomllib.loads((tables / "reference_ranges.toml").read_text())["range"]
        self.indications = tomllib.loads((tables / "indications.toml").read_text())["indication"]
        self.companions = tomllib.loads((tables / "companions.toml").read_text())["rule"]
        rows = [line for line in (tables / "drug_atc.csv").read_text().splitlines() if not line.startswith("#")]
        self.drug_atc = {row["code"]: row["atc"] for row in csv.DictReader(rows)}
        columns = {row[0] for row in db.sql(f"describe select * from '{folder}/events/data/*.parquet'").fetchall()}
        assert "other_codes" not in columns, "these studies hold one code an event"
        limit = f"timestamp '{as_of}'" if as_of else "null"
        own = lambda name: name if name in columns else f"null::varchar as {name}"
        told_by = lambda *names: f"coalesce({', '.join([name for name in names if name in columns] + ['null::varchar'])})"
        # All that is told, ends too, was known by then: then nothing is masked and statuses hold.
        last = db.sql(f"select max(greatest(time, recorded_time, end_time)) from '{folder}/events/data/*.parquet'").fetchall()[0][0]
        if as_of and last <= as_of:
            self.as_of = as_of = None
        db.execute(f"""
            create table raw as select subject_id::varchar pid, time, code, kind, seq::bigint seq, end_time, record_id,
                coalesce(encounter_id, case when kind = 'encounter' then record_id end) enc, {own('class')},
                {own('discharge_disposition')}, {told_by('status', 'clinical_status')} status,
                {own('verification_status')}, {own('reason')}, {own('interpretation')},
                {'reference_low' if 'reference_low' in columns else 'null'}::double reference_low,
                {'reference_high' if 'reference_high' in columns else 'null'}::double reference_high,
                coalesce(numeric_value_f64, numeric_value::double) num, unit,
                greatest(recorded_time, case time_precision when 'day' then time + interval 1 day - interval 1 microsecond
                    when 'month' then date_trunc('month', time) + interval 1 month - interval 1 microsecond
                    when 'year' then date_trunc('year', time) + interval 1 year - interval 1 microsecond else time end) known
            from read_parquet('{folder}/events/data/*.parquet')""")
        db.execute(f"""
            create table ev as select * exclude (end_time),
                case when {limit} is null or end_time <= {limit} then end_time end end_time
            from raw where {limit} is null or known is null or known <= {limit}""")
        # An artefact's further events are its parts, in order.
        db.execute("""
            create table fact as select *, coalesce(record_id, pid || ':' || seq) || case when part > 0 then '#' || part else '' end id
            from (select *, row_number() over (partition by pid, record_id order by seq) - 1 part0,
                     case when record_id is null then 0 else row_number() over (partition by pid, record_id order by seq) - 1 end part
                  from ev where kind not in ('encounter', 'birth', 'demographic'))""")
        # A set is stated by events of its kinds.
        db.execute("create table stated_by (name varchar, kind varchar)")
        db.executemany("insert into stated_by values (?, ?)", [(name, kind) for name, row in self.sets.items() for kind in kinds_of(row)])
        doubts = "lower(coalesce(verification_status, '')) in ('refuted', 'entered-in-error', 'differential', 'provisional', 'unconfirmed')"
        db.execute(f"create table meant as select *, {doubts} doubted from fact")
        db.execute(f"""
            create table enc as select pid, enc id, min(time) "start", max(end_time) "end", any_value(class) class,
                any_value(code) code, case when max(end_time) is not null then any_value(discharge_disposition) end discharge
            from ev where kind = 'encounter' group by all""")
        db.execute("create table place as select pid, enc id, min(seq) seq from raw where enc is not null group by all")
        db.execute("""
            create table people as select pid, min(code) filter (code like 'SEX//%') sex,
                min(code) filter (code like 'IMD_DECILE//%') imd, min(time) filter (kind = 'death') death,
                min(time) filter (kind not in ('birth', 'demographic')) first_seen, min(time) filter (kind = 'birth') born
            from raw left join (select pid p2, seq s2 from ev) on pid = p2 and seq = s2
            where s2 is not null or kind in ('demographic', 'birth') group by pid""")
        self.end = db.sql("select max(time) from ev where kind not in ('birth', 'demographic')").fetchall()[0][0]
        parents = dict(db.sql(f"select code, parent_codes from '{folder}/events/metadata/codes.parquet'").fetchall())
        self.words = dict(db.sql(f"select code, description from '{folder}/events/metadata/codes.parquet'").fetchall())
        self.parents = parents
        db.execute(f"create table link as select * from '{folder}/records/links.parquet'")
        self.folder = folder
        used = [row[0] for row in db.sql("select distinct code from raw").fetchall()]
        db.execute("create table member (name varchar, code varchar)")
        rows = []
        for name, entry in self.sets.items():
            wanted = set(entry["codes"]) | {"TEXT//" + words for words in entry["words"]}
            without = set(entry.get("exclude", []))
            rows += [(name, code) for code in used if wanted & self.above(code) and not without & self.above(code)]
        db.executemany("insert into member values (?, ?)", rows)
        # What an event says by its code, kind and standing.
        db.execute("create table says as select meant.*, name from meant join member using (code) join stated_by using (name, kind) where not doubted")

    def atc(self, code):
        return code[5:] if code.startswith("ATC//") else self.drug_atc.get(code)

    def above(self, code):
        if code not in self.closures:
            self.closures[code] = self.closure(code)
        return self.closures[code]

    def closure(self, code):
        """A code and all that it is a case of, by description, by spelling and by the table of drugs."""
        found, todo = set(), [code]
        while todo:
            own = todo.pop()
            if own in found:
                continue
            found.add(own)
            todo += self.parents.get(own) or []
            system, _, value = own.partition("//")
            if system in ("ICD10", "ICD10CM", "ICD9CM") and "." in value:
                todo.append(own[:-1].removesuffix("."))
            if self.atc(own):
                todo += ["ATC//" + self.atc(own)[:size] for size in (1, 3, 4, 5, 7) if size <= len(self.atc(own))]
        return found

    def key(self, code):
        return "ATC//" + self.atc(code) if self.atc(code) else code

    def rows(self, sql, *values):
        return self.db.execute(sql, list(values)).fetchall()

    def holds(self, name, code):
        return bool(self.rows("select 1 from member where name = ? and code = ?", name, code))

    def codes(self, name):
        return {row[0] for row in self.rows("select code from member where name = ?", name)}

    def present(self, at):
        """SQL of the people who live at a moment and were seen by then."""
        return f"(select * from people where first_seen <= timestamp '{at}' and (death is null or death > timestamp '{at}'))"


def share_table(rows):
    return [list(row) + [wilson(row[-1], row[-2])] for row in rows]


def nsaid(study, told):
    at = told.get("at", study.end)
    since = at - told["days"] * DAY
    study.db.execute("drop table if exists both_")
    study.db.execute(f"""
        create table both_ as
        with p as {study.present(at)},
        d as (select pid, min(time) t from says where name = '{told['diabetes']}' and time <= $at group by pid),
        k as (select pid, min(time) t from says where name = '{told['kidney']}' and time <= $at group by pid),
        gfr as (select pid, time, num from says where name = 'egfr' and num is not null
                and time <= $at and regexp_replace(replace(lower(unit), '²', '2'), '[^a-z0-9./]', '', 'g') in ('ml/min', 'ml/min/1.73m2')),
        e as (select a.pid, min(b.time) t from gfr a join gfr b on a.pid = b.pid and a.num < $egfr and b.num < $egfr and b.time >= a.time + interval 90 day
              where not exists (select 1 from gfr c where c.pid = a.pid and c.num >= $egfr and c.time between a.time and b.time) group by a.pid)
        select p.pid, coalesce(p.sex, '') sex, d.t dt, k.t kt, e.t et, least(k.t, e.t) since,
            p.pid in (select pid from d) has_d
        from p left join d using (pid) left join k using (pid) left join e using (pid)""", {"at": at, "egfr": told["egfr"]})
    last = study.rows(f"""
        select pid, first(code order by time desc, id), max(time) from says
        where name = '{told['drug']}' and kind = 'medication' and time > $1 and time <= $2 group by pid""", since, at)
    last = {pid: (code, time) for pid, code, time in last}
    everyone = study.rows("select pid, sex, dt, kt, since, has_d from both_")
    both = [row for row in everyone if row[5] and row[4] is not None]
    groups = []
    for name in ("female", "male", "other or unknown"):
        own = [row for row in both if (row[1].removeprefix("SEX//") if row[1] in ("SEX//female", "SEX//male") else "other or unknown") == name]
        groups.append((name, len(own), sum(row[0] in last for row in own)))
    groups.append(("all", len(both), sum(row[0] in last for row in both)))
    steps = [len(everyone), sum(row[5] for row in everyone), len(both), groups[-1][2]]
    names = ["living and seen", "with diabetes", "with kidney disease too", "with the drug lately"]
    cases = [
        [pid, dt, since_, "code" if kt == since_ else "eGFR", last[pid][1], last[pid][0]]
        for pid, _, dt, kt, since_, _ in both if pid in last
    ]
    return {"people": share_table(groups), "steps": [list(row) for row in zip(names, steps)], "cases": cases}


def polypharmacy(study, told, pairs):
    at = told.get("at", study.end)
    cutoff = at - told["assumed-days"] * DAY
    current = study.rows(f"""
        select p.pid, f.code from {study.present(at)} p join fact f using (pid)
        where kind = 'medication' and time <= $1 and (end_time > $1 or (end_time is null and
            (($2 and coalesce(status = 'active', false)) or time > $3)))""", at, study.as_of is None, cutoff)
    drugs = defaultdict(dict)
    for pid, code in current:
        drugs[pid][study.key(code)] = study.above(code)
    present = study.rows(f"select count(*) from {study.present(at)}")[0][0]
    many = {pid: own for pid, own in drugs.items() if len(own) >= told["drugs"]}
    found = {}
    for pid, own in many.items():
        hits = []
        for one, other in sorted({tuple(sorted(pair)) for pair in pairs}, key=" + ".join):
            if any(one in own[a] and other in own[b] for a in own for b in own if a != b):
                hits.append(f"{one} + {other}")
        diuretic = "C03 C09BA C09DA C09DX01 C09DX03 C07B C07C C07D C08G C02L"
        nsaids = "M01AA M01AB M01AC M01AE M01AG M01AH M01AX01"
        whammy = [{"ATC//" + own for own in classes.split()} for classes in ("C09A C09B C09C C09D", diuretic, nsaids)]
        if all(any(classes & above for above in own.values()) for classes in whammy):
            hits.append("triple whammy")
        if hits:
            found[pid] = hits
    counts = Counter(hit for hits in found.values() for hit in hits)
    rows = [[name, people, wilson(people, len(many))] for name, people in sorted(counts.items(), key=lambda row: (-row[1], row[0]))]
    steps = [["living and seen", present, None], ["on any drug", len(drugs), None], ["on so many drugs", len(many), None],
             ["with an interaction", len(found), wilson(len(found), len(many))]]
    cases = [[pid, len(many[pid]), "; ".join(hits)] for pid, hits in found.items()]
    return {"interactions": rows, "steps": steps, "cases": cases}


def pathway(study, told):
    name = told["of"]
    first = dict(study.rows("select pid, min(time) from says where name = ? and time is not null group by pid", name))
    stays = study.rows("""
        select pid, id, start, "end", code in (select code from member where name = $1)
            or exists (select 1 from says f where f.name = $1 and f.pid = enc.pid and f.enc = enc.id) coded
        from enc where class = 'IMP' and start is not null""", name)
    by_person = defaultdict(list)
    for pid, _, start, end, coded in stays:
        if told["admission"] == "any" or coded:
            by_person[pid].append((start, end))
    death = dict(study.rows("select pid, death from people"))
    courses, cases, gaps, waits = Counter(), [], defaultdict(list), []
    label = lambda code: f"{study.words.get(code) or code} [{code}]"
    for pid, begun in first.items():
        if any(start <= begun and end is not None and begun <= end for start, end in by_person[pid]):
            courses["first coded within an admission"] += 1
            continue
        later = [start for start, _ in by_person[pid] if start > begun]
        if not later:
            courses["died without a later admission" if death[pid] else "not admitted later"] += 1
            continue
        admission = min(later)
        steps = []
        if told["steps"] != "treatments":
            steps += study.rows("select start, 'encounter ' || coalesce(class, 'unknown') from enc where pid = ? and start > ? and start < ?", pid, begun, admission)
        if told["steps"] != "contacts":
            orders = {}
            for time, code in study.rows("select time, code from fact where kind = 'medication' and pid = ? and time is not null", pid):
                own = orders.setdefault(study.key(code), (time, code))
                orders[study.key(code)] = min(own, (time, code))
            acts = study.rows("select time, code from fact where kind = 'procedure' and pid = ?", pid)
            steps += [(time, label(code)) for time, code in [*orders.values(), *acts] if begun < time < admission]
        path = []
        for step in [(begun, "first code"), *sorted(steps), (admission, "admission")]:
            if not path or path[-1][1] != step[1]:
                path.append(step)
        waits.append(days(begun, admission))
        size = min(told["length"], len(path))
        own = {}
        for place in range(len(path) - size + 1):
            run = path[place:place + size]
            own.setdefault(" > ".join(step for _, step in run), days(run[0][0], run[-1][0]))
        for motif, gap in own.items():
            gaps[motif].append(gap)
        cases.append([pid, begun, admission, " > ".join(step for _, step in path)])
    courses["admitted later"] = len(waits)
    rows = sorted(gaps.items(), key=lambda row: (-len(row[1]), row[0]))[: told["top"]]
    motifs = [[motif, len(own), wilson(len(own), len(waits)), median(own)] for motif, own in rows]
    names = ["admitted later", "first coded within an admission", "died without a later admission", "not admitted later"]
    table = [[own, courses[own], wilson(courses[own], len(first)), median(waits) if own == "admitted later" else None] for own in names]
    table.append(["all", len(first), wilson(len(first), len(first)), None])
    return {"motifs": motifs, "courses": table, "cases": cases}


def similar(study, told):
    horizon = told["horizon-days"] * DAY
    at = told.get("at", study.end - horizon)
    until = at + horizon
    present = [row[0] for row in study.rows(f"select pid from {study.present(at)}")]
    sets = defaultdict(set)
    for pid, code in study.rows("select distinct pid, code from meant where kind in ('condition', 'medication', 'procedure') and not doubted and time <= ?", at):
        sets[pid].add(study.key(code))
    frequency = Counter(element for pid in present for element in sets[pid])
    weight = {element: math.log(len(present) / count) for element, count in frequency.items()}
    total = lambda elements: math.fsum(weight.get(element, 0.0) for element in elements)
    own = sets[told["patient"]]
    ranked = []
    for pid in present:
        if pid != told["patient"] and own:
            whole = total(own | sets[pid])
            likeness = total(own & sets[pid]) / whole if whole > 0 else 0.0
            ranked.append((-math.floor(likeness * 1e12 + 0.5), pid))
    ranked = sorted(ranked)[: told["neighbours"]]
    chosen = {pid for _, pid in ranked}
    conditions = ", ".join(f"'{name}'" for name, row in study.sets.items() if row.get("long_term"))
    queries = {
        "died": "select pid, death from people where death > $1 and death <= $2",
        "admitted": "select pid, min(start) from enc where class = 'IMP' and start > $1 and start <= $2 group by pid",
        "emergency visit": "select pid, min(start) from enc where class = 'EMER' and start > $1 and start <= $2 group by pid",
        "new long-term condition": f"""select pid, min(t) from (select pid, name, min(time) t from says
            where name in ({conditions}) group by all) where t > $1 and t <= $2 group by pid""",
    }
    table = []
    for outcome, sql in queries.items():
        happened = {pid: time for pid, time in study.rows(sql, at, until) if pid in set(present)}
        near = [days(at, time) for pid, time in happened.items() if pid in chosen]
        table.append([outcome, len(near), wilson(len(near), len(chosen)), median(near), len(happened), wilson(len(happened), len(present))])
    cases = [[rank, pid, -likeness / 1e12, len(own & sets[pid])] for rank, (likeness, pid) in enumerate(ranked, 1)]
    return {"outcomes": table, "cases": cases}


def unanswered(study, told):
    study.db.execute("create or replace table ranges (place int, name varchar, code varchar, unit varchar, low double, high double)")
    study.db.executemany("insert into ranges values (?, ?, ?, ?, ?, ?)", [
        (place, row["name"], code, row["unit"], row.get("low"), row.get("high"))
        for place, row in enumerate(study.ranges) for code in row["codes"]])
    study.db.execute(f"""
        create or replace table result as
        with own as (select pid, id, time, known, num, unit, code, regexp_extract(interpretation, '([^/]*)$', 1) flag, reference_low rl, reference_high rh
                     from fact where kind = 'observation' and known is not null),
        flagged as (select *, case when flag in ('A', 'AA', 'H', 'HH', 'HU', 'HX', 'L', 'LL', 'LU', 'LX', 'H>', 'L<', 'abnormal') then true
                when flag in ('N', 'normal') then false
                when coalesce(rl, rh) is not null and num is not null then coalesce(num < rl, false) or coalesce(num > rh, false) end said from own)
        select f.*, place, coalesce(r.name, f.code) test,
            coalesce(said, case when num is not null and place is not null then coalesce(num < low, false) or coalesce(num > high, false) end) abnormal
        from flagged f left join ranges r on f.code = r.code and f.unit = r.unit""")
    study.db.execute(f"""
        create or replace table judged as
        with act as (select pid, time from fact where kind in ('medication', 'procedure', 'care_plan') union all select pid, start from enc),
        kept as (select * from result where abnormal is not null)
        select r.*, exists (select 1 from act where act.pid = r.pid and act.time > r.known and act.time <= r.known + to_days($1))
                 or exists (select 1 from kept o where o.pid = r.pid and o.test = r.test and o.time > r.known and o.time <= r.known + to_days($1)) followed,
            r.known + to_days($1) > $2 or coalesce(death <= r.known + to_days($1), false) short
        from kept r join people using (pid)""", [told["days"], study.end])
    table = study.rows("""
        select test, count(*), count(*) filter (abnormal), count(*) filter (abnormal and (followed or not short)),
            count(*) filter (abnormal and not followed and not short), count(distinct pid) filter (abnormal and not followed and not short), count(said)
        from judged group by place, test order by place nulls last, test""")
    left = study.rows("select count(*) from result where abnormal is null and num is not null and place is null and code in (select code from ranges)")[0][0]
    cases = study.rows("select pid, id, test, num, unit, known from judged where abnormal and not followed and not short")
    return {"tests": [[*row[:6], wilson(row[4], row[3]), row[6]] for row in table], "left_out": [["in units without a reference range", left]], "cases": [list(row) for row in cases]}


def indication(study, told):
    db, table, cases = study.db, [], []
    refers = lambda record: f"""exists (select 1 from link where "from" = {record} and path = 'reasonReference' and "to" in (select record_id from ev))"""
    db.execute(f"create or replace table reasoned as select enc id from ev where kind = 'encounter' and (reason is not null or {refers('record_id')})")
    db.execute(f"""
        create or replace table ordered as select *, reason is not null or {refers('record_id')} stated,
            {told['reasons'] == 'order-or-encounter'} and coalesce(enc in (select id from reasoned), false) and not (reason is not null or {refers('record_id')}) of_encounter
        from meant where kind = 'medication' and time is not null""")
    db.execute("create or replace table drugs_seen (code varchar)")
    for row in study.indications:
        conditions = ", ".join(f"'{name}'" for name in row["conditions"])
        db.execute(f"""
            create or replace table orders as select pid, id, code, time, stated, of_encounter, stated or of_encounter
                or exists (select 1 from says c where c.name in ({conditions}) and c.pid = f.pid and c.time <= f.time + to_days($1)) explained
            from ordered f where code in (select code from member where name = '{row['drugs']}')""", [told["grace-days"]])
        db.execute(f"insert into drugs_seen select code from member where name = '{row['drugs']}'")
        own = study.rows("""select count(*), count(distinct pid), count(*) filter (not explained), count(distinct pid) filter (not explained),
            count(*) filter (stated), count(*) filter (of_encounter) from orders""")[0]
        if own[0]:
            table.append([row["drugs"], *own[:4], wilson(own[2], own[0]), *own[4:]])
        cases += [[pid, id_, code, row["drugs"], time] for pid, id_, code, time in study.rows("select pid, id, code, time from orders where not explained")]
    ruled = "code in (select code from drugs_seen)"
    coverage = [[name, *study.rows(f"select count(*), count(distinct pid) from ordered where {which}")[0]] for name, which in [
        ("judged by a rule for the drug", ruled),
        ("explained by a stated reason, without a rule for the drug", f"not {ruled} and (stated or of_encounter)"),
        ("not judged: no stated reason and no rule for the drug", f"not {ruled} and not (stated or of_encounter)"),
        ("all", "true")]]
    return {"classes": table, "coverage": coverage, "cases": cases}


def handover(study, told):
    if told["between"] == "first-named":
        for between in ("practitioners", "organisations", "services"):
            answer = handover(study, {**told, "between": between})
            if answer["graph"][0][0] > 1:
                break
        return answer
    order = study.rows("select pid, id, start, \"end\", code from enc where start is not null order by pid, start, id")
    names = {"practitioners": "Practitioner", "organisations": "Organization"}
    members, called = defaultdict(set), {}
    if told["between"] == "services":
        for _, id_, _, _, code in order:
            members[id_] = {code}
            called[code] = study.words.get(code) or ""
    else:
        kind = names[told["between"]]
        for encounter, target, name in study.rows(f"""select distinct "from", "to", name from link join '{study.folder}/records/entities.parquet' on "to" = record_id
                where "from" in (select record_id from raw where kind = 'encounter') and kind = ?""", kind):
            members[encounter].add(target)
            called[target] = name or ""
    patients, given, received, arcs, handovers = defaultdict(set), Counter(), Counter(), set(), 0
    before = None
    for pid, id_, start, end, _ in order:
        for vertex in members[id_]:
            patients[vertex].add(pid)
        if before and before[0] == pid and max(days(before[3] or before[2], start), 0.0) <= told["gap-days"]:
            for giver in members[before[1]]:
                for taker in members[id_] - {giver}:
                    handovers += 1
                    arcs.add((giver, taker))
                    given[giver] += 1
                    received[taker] += 1
        before = (pid, id_, start, end)
    graph = networkx.DiGraph()
    graph.add_nodes_from(sorted(patients))
    graph.add_edges_from(sorted(arcs))
    centrality = networkx.betweenness_centrality(graph) if len(graph) else {}
    rows = sorted(patients, key=lambda vertex: (-math.floor(centrality[vertex] * 1e12 + 0.5), -(given[vertex] + received[vertex]), vertex))
    table = [[vertex, called[vertex], len(patients[vertex]), received[vertex], given[vertex], centrality[vertex]] for vertex in rows[: told["top"]]]
    return {"hubs": table, "graph": [[len(graph), len(arcs), handovers]]}


def tracing(study, told):
    classes = {"hospital": ("IMP", "EMER"), "any": None}.get(told["class"], (told["class"],))
    wanted = "true" if classes is None else f"class in ({', '.join(repr(own) for own in classes)})"
    study.db.execute(f"""
        create or replace table stay as select pid, start, "end", min("to") place from enc
        join link on "from" = id join '{study.folder}/records/entities.parquet' on "to" = record_id
        where {wanted} and "end" is not null and start is not null and kind in ('Location', 'Organization') group by pid, id, start, "end" """)
    begin = told.get("from")
    begin = begin.replace(hour=0, minute=0, second=0, microsecond=0) if begin else study.rows("select min(start) from stay where pid = ?", told["patient"])[0][0]
    if begin is None:
        return {"reached": [], "followed": [], "cases": []}
    last = begin + told["days"] * DAY
    meetings = study.rows("""select a.pid, b.pid, greatest(a.start, b.start), least(a."end", b."end") from stay a join stay b
        on a.place = b.place and a.pid <> b.pid
            where greatest(a.start, b.start) < least(a."end", b."end") and a."end" > $1 and b."end" > $1 and a.start <= $2 and b.start <= $2""", begin, last)
    arrival, hops, table = {told["patient"]: begin}, {}, []
    for hop in range(1, told["hops"] + 1):
        after = dict(arrival)
        for one, other, start, end in meetings:
            if one in arrival:
                met = max(start, arrival[one])
                if met < end and met <= last:
                    after[other] = min(after.get(other, met), met)
                    hops.setdefault(other, hop)
        arrival = after
        hops.pop(told["patient"], None)
        table.append([hop, sum(own == hop for own in hops.values()), len(hops)])
    return {"reached": table, "followed": [[begin, last]], "cases": [[pid, hop, arrival[pid]] for pid, hop in hops.items()]}


def readmissions(study, told):
    study.db.execute(f"""
        create or replace table spell as
        with stay as (select pid, start, "end", coalesce(discharge, 'not recorded') destination from enc
                      where class = '{told['stay-class']}' and start is not null and "end" is not null),
        marked as (select *, case when start <= max("end") over w + to_hours($1) then 0 else 1 end fresh from stay
                   window w as (partition by pid order by start, "end", destination rows between unbounded preceding and 1 preceding)),
        numbered as (select *, sum(fresh) over (partition by pid order by start, "end", destination) n from marked)
        select pid, n, min(start) "start", max("end") "end", arg_max(destination, ("end", start)) destination from numbered group by pid, n""", [told["transfer-hours"]])
    study.db.execute("""
        create or replace table followed as select s.*, lead(start) over (partition by pid order by n) next_start,
            coalesce(death <= s."end" + interval 1 day, false) died, s."end" + to_days($1) > $3 late,
            (select count(*) from enc e where e.pid = s.pid and e.class = 'EMER' and e.start >= s.start - to_days($2) and e.start < s.start - to_hours($4)) visits
        from spell s join people using (pid)""", [told["days"], told["before-days"], study.end, told["route-hours"]])
    again = f"next_start <= \"end\" + to_days({told['days']})"
    rows = study.rows(f"""select destination, least(visits, 3), count(*), count(*) filter ({again}) from followed
        where not died and not late group by all order by 1, 2""")
    table = [[destination, ["0", "1", "2", "3 or more"][band], n, k, wilson(k, n)] for destination, band, n, k in rows]
    n, k = sum(row[2] for row in table), sum(row[3] for row in table)
    table.append(["all", "all", n, k, wilson(k, n)])
    left = study.rows("select count(*) filter (died), count(*) filter (late and not died) from followed")[0]
    cases = study.rows(f"select pid, start, \"end\", next_start, destination, visits from followed where not died and not late and {again}")
    return {"stays": table, "left_out": [["died within a day of the end", left[0]], ["ended too late to be followed", left[1]]], "cases": [list(row) for row in cases]}


def companions(study, told):
    table, cases = [], []
    for rule in study.companions:
        needed = ", ".join(f"'{name}'" for name in rule.get("any_of", [])) or "''"
        breach = "coalesce(sex in ('SEX//female', 'SEX//male') and sex <> 'SEX//' || $2, false)" if "sex" in rule else f"""not exists (select 1 from says c
            where c.name in ({needed}) and c.pid = w.pid and c.time <= w.time + to_days($1)) and $2 is null"""
        rows = study.rows(f"""
            with w as (select pid, min((time, id)) least_, min(time) "time", count(*) n from says where time is not null
                       and name = '{rule['when']}' group by pid)
            select pid, struct_extract(least_, 2), time, n, {breach} from w join people using (pid) where $1 is not null""", told["days-after"], rule.get("sex"))
        if rows:
            bad = [row for row in rows if row[4]]
            table.append([rule["name"], sum(row[3] for row in rows), len(rows), len(bad), wilson(len(bad), len(rows))])
            cases += [[rule["name"], pid, id_, time] for pid, id_, time, _, _ in bad]
    return {"rules": table, "cases": cases}


def conditions_of(study, told, at):
    """First day of each long-term condition by a moment, and of death, by patient."""
    names = [name for name, row in study.sets.items() if row.get("long_term") or name in told]
    onsets = defaultdict(dict)
    rows = study.rows("select pid, name, min(time)::date from says where time <= ? group by pid, name", at)
    for pid, name, first in rows:
        if name in names:
            onsets[pid][name] = first
    return onsets


def central(study, told):
    at = told.get("at", study.end)
    fifths = {pid: (int(imd.removeprefix("IMD_DECILE//")) + 1) // 2 for pid, imd in study.rows("select pid, imd from people where imd is not null")}
    everyone = [row[0] for row in study.rows("select pid from people")]
    groups = [("all", set(everyone))] + [(f"deprivation fifth {fifth}", {pid for pid in everyone if fifths.get(pid) == fifth}) for fifth in range(1, 6)]
    table, sizes = [], []
    for name, members in groups:
        if not members:
            continue
        now, then = (standings(study, told, members, day) for day in (at, at - told["before-days"] * DAY))
        sizes.append([name, now[0], len(now[1]), then[0], len(then[1])])
        shown = [(set_, row) for set_, row in now[1].items() if row[0] >= told["least"]]
        shown.sort(key=lambda entry: (-math.floor(entry[1][2] * 1e9 + 0.5), entry[0]))
        for rank, (set_, (people, rarest, centrality)) in enumerate(shown[: told["top"]], 1):
            earlier = then[1].get(set_)
            table.append([name, rank, set_, people, wilson(people, rarest), centrality, earlier[0] if earlier else 0,
                          earlier[2] if earlier else None, centrality - earlier[2] if earlier else None])
    return {"sets": table, "groups": sizes}


def standings(study, told, members, at):
    present = [row[0] for row in study.rows(f"select pid from {study.present(at)}") if row[0] in members]
    onsets = conditions_of(study, (), at)
    counts = Counter()
    for pid in present:
        own = sorted(onsets[pid])
        counts.update(set_ for size in range(1, told["largest"] + 1) for set_ in itertools.combinations(own, size))
    prevalence = {set_[0]: count for set_, count in counts.items() if len(set_) == 1}
    sets = [set_ for set_ in counts if len(set_) > 1]
    if not sets:
        return len(present), {}
    # Of several unconnected parts the one with the largest eigenvalue counts.
    places = {condition: place for place, condition in enumerate(sorted(prevalence))}
    incidence = sparse.csr_array(
        ([1.0] * sum(map(len, sets)), ([places[c] for set_ in sets for c in set_], [column for column, set_ in enumerate(sets) for _ in set_])),
        shape=(len(places), len(sets)))
    weights = numpy.array([prevalence[condition] / len(present) for condition in sorted(prevalence)])
    diagonal = incidence.T @ weights
    product = lambda vector: incidence.T @ (weights * (incidence @ vector)) - diagonal * vector
    if len(sets) <= 60:
        values, vectors = numpy.linalg.eigh(numpy.array([product(row) for row in numpy.eye(len(sets))]))
        vector = vectors[:, -1]
    else:
        operator = sparse.linalg.LinearOperator((len(sets), len(sets)), matvec=product, dtype=float)
        _, vectors = sparse.linalg.eigsh(operator, k=1, which="LA", tol=0, v0=numpy.ones(len(sets)))
        vector = vectors[:, 0]
    vector = numpy.abs(vector / numpy.linalg.norm(vector))
    return len(present), {" + ".join(set_): (counts[set_], min(prevalence[c] for c in set_), float(vector[column])) for column, set_ in enumerate(sets)}


def next_condition(study, told):
    wanted = frozenset(told["from"])
    onsets = conditions_of(study, wanted, study.end)
    death = {pid: died.date() for pid, died in study.rows("select pid, death from people where death is not null")}
    end = study.end.date()
    spells, gaps = [], defaultdict(list)
    for pid, own in onsets.items():
        by_day = defaultdict(list)
        for name, day in own.items():
            by_day[day].append(name)
        died, before, last = death.get(pid), frozenset(), None
        for day in sorted(by_day):
            tied = by_day[day]
            for size in range(len(tied)):
                for some in itertools.combinations(tied, size):
                    if not before | set(some) or before | set(some) != wanted:
                        continue
                    since = day if size else last
                    share = 1 / (math.comb(len(tied), size) * (len(tied) - size))
                    for head in set(tied) - set(some):
                        gaps[head].append(((day - since).days, share))
                        first = (died, "death") if died and died < day else (day, head)
                        spells.append((since, first, share))
            before, last = before | set(tied), day
        if before == wanted and before:
            spells.append((last, (died, "death") if died else None, 1.0))
    spells = [(since, first if first and first[0] <= end else None, share) for since, first, share in spells if since <= end]
    spells = [(max(((first[0] if first else end) - since).days, 0), first and first[1], share) for since, first, share in spells]
    events = Counter()
    for _, cause, share in spells:
        if cause:
            events[cause] += share
    times = sorted({days_ for days_, _, _ in spells})
    rows = []
    median_any = None
    for cause in events:
        at_risk, without, incidence, curve, jumps = sum(share for *_, share in spells), 1.0, 0.0, [], []
        for time in times:
            here = [(own, share) for days_, own, share in spells if days_ == time]
            happened, of_cause = (sum(share for own, share in here if own and (every or own == cause)) for every in (True, False))
            if happened > 0:
                incidence += without * of_cause / at_risk
                jumps.append((incidence, happened, of_cause, at_risk, without))
                without *= 1 - happened / at_risk
                curve.append((time, incidence, aalen_johansen_limits(incidence, jumps, at_risk)))
                if median_any is None and without <= 0.5:
                    median_any = time
            at_risk -= sum(share for _, share in here)
        known = [row for row in curve if row[0] <= told["horizon-days"]]
        point = {"value": known[-1][1], "low": known[-1][2][0], "high": known[-1][2][1]} if known else None
        rows.append([cause, events[cause], point, weighted_median(gaps[cause]) if cause != "death" else None])
    rows.sort(key=lambda row: (-math.floor((row[2]["value"] if row[2] else 0.0) * 1e12 + 0.5), row[0]))
    total, censored = sum(share for *_, share in spells), sum(share for _, cause, share in spells if not cause)
    median_any = {"value": float(median_any), "low": None, "high": None} if median_any is not None else None
    return {"next": rows, "course": [[float(total), float(censored), median_any]]}


def aalen_johansen_limits(incidence, jumps, still_at_risk):
    """Marubini and Valsecchi 1995, section 10.2; complementary log-log; exact at 0 and 1."""
    variance = 0.0
    for own, happened, of_cause, at_risk, without in jumps:
        rest = incidence - own
        if at_risk - happened > 1e-9:
            variance += rest**2 * happened / (at_risk * (at_risk - happened))
        variance += without**2 * of_cause * max(at_risk - of_cause, 0.0) / at_risk**3 - 2 * rest * without * of_cause / at_risk**2
    bound = 0.025 ** (1 / max(still_at_risk, 1.0))
    if incidence <= 1e-12:
        return 0.0, 1 - bound
    if incidence >= 1 - 1e-12:
        return bound, 1.0
    width = Z * math.sqrt(max(variance, 0.0)) / (incidence * math.log(incidence))
    low, high = incidence ** math.exp(-width), incidence ** math.exp(width)
    return min(low, incidence), max(high, incidence)


def weighted_median(values):
    """The median of values that count in shares, with order statistics of Kish's effective number."""
    if not values:
        return None
    values = sorted(values)
    total, squares = sum(share for _, share in values), sum(share**2 for _, share in values)

    def reaching(wanted):
        so_far = 0.0
        for value, share in values:
            so_far += share
            if so_far >= wanted - 1e-9:
                return float(value)
        return float(values[-1][0])

    number = math.floor(total**2 / squares + 1e-9)
    rank = max((r for r in range(1, number // 2 + 2) if r <= number // 2 and stats.binom.cdf(r - 1, number, 0.5) <= 0.025), default=0)
    value = (reaching(total / 2) + reaching(total / 2 + 3e-9)) / 2
    limits = (reaching(rank * total / number), reaching((number - rank + 1) * total / number)) if rank else (None, None)
    return {"value": value, "low": limits[0], "high": limits[1]}


def edge_type(path):
    """The type that an element's path gives: `participant.individual` gives PARTICIPANT_INDIVIDUAL."""
    stem = path.removesuffix("Reference") if path.removesuffix("Reference")[-1:].isalnum() else path
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", stem).strip("_").upper()


def provenance(study, told):
    db, folder = study.db, study.folder
    systems = "SNOMED DMD ICD10 ICD10CM ICD9CM LOINC RXNORM OPCS4 BNF ATC CVX ACTCODE CTV3".split()
    db.execute("create or replace table types (path varchar, type varchar)")
    paths = [row[0] for row in study.rows("select distinct path from link")]
    db.executemany("insert into types values (?, ?)", [(path, edge_type(path)) for path in paths])
    # What becomes a property of the patient is no node; an artefact that states such is the patient's own.
    db.execute(f"""
        create or replace table happening as
        with own as (select raw.*, text_value, kind = 'birth' or (kind = 'demographic' and raw.time is null and split_part(raw.code, '//', 1) in ('SEX', 'ETHNICITY', 'IMD_DECILE')) taken
                     from raw join (select subject_id::varchar pid, seq, text_value from read_parquet('{folder}/events/data/*.parquet')) using (pid, seq)),
        numbered as (select *, case when record_id is null or taken then 0 else row_number() over (partition by pid, record_id, taken order by seq) - 1
                         + bool_or(taken) over (partition by pid, record_id)::int end part
                     from own where kind <> 'encounter')
        select *, coalesce(record_id, pid || ':' || seq) || case when part > 0 then '#' || part else '' end id from numbered""")
    db.execute(f"""
        create or replace table node as
        select record_id record, pid node, pid, null enc from happening where taken and record_id is not null group by all
        union all select record_id, id, pid, enc from happening where not taken and part = 0 and record_id is not null
        union all select record_id, enc, pid, null from raw where kind = 'encounter' and record_id is not null
        union all select record_id, record_id, null, null from '{folder}/records/entities.parquet'""")
    db.execute("""
        create or replace table edge as
        with event as (select * from happening where not taken),
        head as (select pid, record_id, id panel, num is null and text_value is null or record_id like 'Observation/%' heads from happening where part = 0 and not taken)
        select 'HAS_EVENT' type, pid "from", id "to", 'stated' basis, record_id one, null two from event
        union all select 'CONTAINS', enc, id, 'stated', record_id, null from event where enc is not null
        union all select 'HAD_ENCOUNTER', pid, enc, 'stated', record_id, null from raw where kind = 'encounter'
        union all select 'CODED_AS', id, code, 'stated', record_id, null from event
        union all select distinct 'CODED_AS', enc, code, 'stated', record_id, null from raw where kind = 'encounter'
        union all select 'ANSWERED', id, text_value, 'stated', record_id, null from event where split_part(text_value, '//', 1) in (select unnest($1)) and text_value like '%//_%'
        union all select 'PART_OF', id, panel, 'stated', record_id, null from event join head using (pid, record_id) where part > 0 and heads
        union all select distinct type, f.node, t.node, 'stated', link."from", null
            from link join types using (path) join node f on f.record = link."from" join node t on t.record = link."to"
            where not (split_part(path, '.', -1) in ('subject', 'patient', 'encounter', 'context') and coalesce(t.node in (f.pid, f.enc), false))
        union all select 'NEXT', id, next_, 'sequence', id, next_ from
            (select id, lead(id) over (partition by pid order by start, place.seq) next_ from enc join place using (pid, id) where start is not null) where next_ is not null""", [systems])
    todo = [row[0] for row in study.rows("select distinct code from raw where kind not in ('birth') and not (kind = 'demographic' and split_part(code, '//', 1) in ('SEX', 'ETHNICITY', 'IMD_DECILE')) union select distinct \"to\" from edge where type = 'ANSWERED'")]
    seen, is_a = set(todo), set()
    while todo:
        own = todo.pop()
        system, _, value = own.partition("//")
        above = list(study.parents.get(own) or [])
        if system in ("ICD10", "ICD10CM", "ICD9CM") and "." in value:
            above.append(own[:-1].removesuffix("."))
        if system == "ATC" and len(value) in (3, 4, 5, 7):
            above.append(own[: -2 if len(value) in (3, 7) else -1])
        is_a |= {(own, parent) for parent in above if parent != own}
        todo += [parent for parent in above if parent not in seen]
        seen.update(above)
    if is_a:
        db.executemany("insert into edge values ('IS_A', ?, ?, 'terminology', null, null)", sorted(is_a))
    db.execute(f"""
        create or replace table traced as select edge.*, a.file file1, a.line line1, a.entry entry1, b.file file2, b.line line2, b.entry entry2
        from edge left join '{folder}/records/artefacts.parquet' a on a.record_id = one left join '{folder}/records/artefacts.parquet' b on b.record_id = two""")
    table = study.rows("""
        select type, basis, count(*), count(coalesce(one, two)), count(coalesce(file1, file2)), count(coalesce(line1, line2, entry1, entry2))
        from traced group by all order by 1""")
    tables = {"edges": [list(row) for row in table]}
    if "of" in told:
        own = """traced where "from" = $1 or "from" in (select "to" from edge where "from" = $1 and type in ('HAS_EVENT', 'HAD_ENCOUNTER'))"""
        rows = study.rows(f"""
            select type, "from", "to", basis, one, file1, line1, entry1 from {own}
            union all select type, "from", "to", basis, two, file2, line2, entry2 from (select * from {own}) where two is not null""", told["of"])
        tables["cases"] = [list(row) for row in rows]
    return tables


QUESTIONS = {
    "nsaid-in-ckd-diabetes": nsaid,
    "polypharmacy-interactions": polypharmacy,
    "pathway-to-first-admission": pathway,
    "similar-patients": similar,
    "central-conditions": central,
    "next-condition": next_condition,
    "unanswered-results": unanswered,
    "drugs-without-indication": indication,
    "handover-hubs": handover,
    "contact-tracing": tracing,
    "readmissions": readmissions,
    "missing-companions": companions,
    "provenance": provenance,
}


def same(found, expected):
    if isinstance(expected, datetime):
        return isinstance(found, str) and datetime.fromisoformat(found) == expected
    if isinstance(expected, dict):
        return isinstance(found, dict) and found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in expected)
    if isinstance(expected, (list, tuple)):
        return isinstance(found, list) and len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, float):
        return isinstance(found, (int, float)) and abs(found - expected) <= 1e-9 * max(1.0, abs(expected))
    return type(found) is type(expected) and found == expected


def sortable(row):
    text = lambda cell: cell.isoformat() if isinstance(cell, datetime) else cell
    return json.dumps([datetime.fromisoformat(cell).isoformat() if isinstance(cell, str) and cell[4:5] == "-" and cell[10:11] == "T" else text(cell) for cell in row])


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    folder, tables, answers = map(pathlib.Path, sys.argv[1:4])
    pairs = []
    if len(sys.argv) == 5:
        with open(sys.argv[4], newline="") as file:
            pairs = [("ATC//" + row["atc_a"], "ATC//" + row["atc_b"]) for row in csv.DictReader(file)]
    studies, report, wrong = {}, [], []
    for answer in json.loads(answers.read_text()):
        assert answer["suppress"] == 0, "small numbers must be shown to be compared"
        as_of = answer["as_of"] and datetime.fromisoformat(answer["as_of"]) + DAY - timedelta(microseconds=1)
        study = studies.get(as_of) or studies.setdefault(as_of, Study(folder, tables, as_of))
        told = {name: datetime.fromisoformat(value) if name in ("at", "from") and isinstance(value, str) else value for name, value in answer["parameters"].items()}
        compute = QUESTIONS[answer["question"]]
        given = pairs if answer["interactions"] else []
        expected = compute(study, told, given) if compute is polypharmacy else compute(study, told)
        found = {table["name"]: table["rows"] for table in answer["tables"]}
        if found.keys() != expected.keys():
            wrong.append(f"{answer['question']}: tables {sorted(found)}, expected {sorted(expected)}")
            continue
        for name, rows in expected.items():
            ours, theirs = found[name], rows
            if name == "cases":
                ours, theirs = sorted(ours, key=sortable), sorted(theirs, key=sortable)
            if not same(ours, theirs):
                pair = next(((one, other) for one, other in zip(ours, theirs) if not same(one, other)), None)
                wrong.append(f"{answer['question']} {answer['parameters']}, table {name}: {len(ours)} rows, expected {len(theirs)}; first difference {pair}")
        # A number that is not zero is an answer; in tables of persons and courses a row is.
        told_by = lambda cell: cell > 0 if isinstance(cell, (int, float)) else isinstance(cell, dict) and cell["value"] > 0
        columns = {f"{table['name']}.{column}": sum(told_by(row[place]) for row in table["rows"])
                   for table in answer["tables"] for place, column in enumerate(table["columns"])}
        report.append({"question": answer["question"], "rows": {name: len(rows) for name, rows in found.items()}, "not_zero": columns, "notes": answer["notes"]})
    if wrong:
        sys.exit("\n".join(wrong))
    json.dump(report, sys.stdout)
    print()


if __name__ == "__main__":
    main()
