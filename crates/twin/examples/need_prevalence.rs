//! Need and mortality alone: prevalence and incidence against the need table's targets, by age, sex and
//! deprivation, multimorbidity against Barnett et al. 2012, deaths against the life table.
//!
//! Run: `cargo run --release -p twinloom-twin --example need_prevalence -- [people] [seed] [rounds] [years]
//! [folder]`. After `years` (1) it looks again, at the standard's ages, whether anything has drifted, and
//! sums the deaths; `folder` holds another `need.toml` and `expected_mortality_ratio.csv`.
//! With `rounds` it fits first and prints the ratio by which to multiply each `scale` of the table. A round
//! multiplies the scale of an entry that has a target not held out by (target / simulated)^0.8, and that
//! of any other by (stated / realised) incidence: its steps are incidences of the population as studies
//! report them, so the ratios must leave their mean where it was. Expected for 100,000 people: SMR within 0.97 to 1.03, a few seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use rayon::prelude::*;
use twinloom_event::Timestamp;
use twinloom_twin::Sex;
use twinloom_twin::need::{Follower, Group, Need, NeedAlone, NeedError, NeedScale, TargetKind};

struct Seen {
    before: Follower,
    /// A year later.
    after: Follower,
    /// Of each condition: rate per year and the incidence that the table states.
    rates: Vec<[f64; 2]>,
}

fn look(alone: &NeedAlone, people: u64) -> Vec<Seen> {
    let one = |subject: u64| {
        let before = alone.anyone(subject);
        let mut after = before.clone();
        alone.year(&mut after);
        let mut rates = vec![[0.0; 2]; alone.need().conditions().len()];
        for (id, rate, stated) in alone.rates_per_year(&before) {
            rates[id.index()] = [rate, stated];
        }
        Seen { before, after, rates }
    };
    (1..=people).into_par_iter().map(one).collect()
}

/// Simulated value of every target: condition's place, target's place, value.
fn simulated(need: &Need, seen: &[Seen]) -> Vec<(usize, usize, f64)> {
    let mut values = Vec::new();
    for (place, condition) in need.conditions().iter().enumerate() {
        for (number, target) in condition.targets.iter().enumerate() {
            let of_age: Vec<&Seen> =
                seen.iter().filter(|seen| seen.before.age_years() >= f64::from(target.from_age)).collect();
            let count: f64 = match target.kind {
                TargetKind::Prevalence => {
                    let id = need.find(&condition.name);
                    of_age
                        .iter()
                        .filter(|seen| id.is_some_and(|id| seen.before.active().contains(id)))
                        .count() as f64
                }
                TargetKind::Incidence => of_age.iter().map(|seen| seen.rates[place][0]).sum(),
            };
            values.push((place, number, count * target.known / of_age.len().max(1) as f64));
        }
    }
    values
}

/// The table and what is expected of mortality under it.
struct Tables {
    need: Need,
    expected: Option<String>,
}

impl Tables {
    fn alone(&self, scale: NeedScale, seed: u64) -> NeedAlone {
        let alone = NeedAlone::new(self.need.clone(), scale, seed, start());
        match &self.expected {
            Some(text) => alone.with_expected_ratio(text),
            None => alone,
        }
    }
}

fn fit(tables: &Tables, people: u64, seed: u64, rounds: u64) -> Result<BTreeMap<String, f64>, NeedError> {
    let mut ratios = BTreeMap::<String, f64>::new();
    for round in 0..rounds {
        let scale = NeedScale::new(&tables.need, "fit", &ratios, &[])?;
        let alone = tables.alone(scale, seed + round);
        let seen = look(&alone, people);
        let values = simulated(alone.need(), &seen);
        let mut moved = BTreeSet::new();
        for (place, number, value) in values {
            let condition = &alone.need().conditions()[place];
            let target = &condition.targets[number];
            if target.held_out || value <= 0.0 || !moved.insert(place) {
                continue;
            }
            *ratios.entry(condition.name.clone()).or_insert(1.0) *= (target.value / value).powf(0.8);
        }
        let rate =
            |place: usize, column: usize| seen.iter().map(|seen| seen.rates[place][column]).sum::<f64>();
        for place in 0..alone.need().conditions().len() {
            let (realised, stated) = (rate(place, 0), rate(place, 1));
            if realised > 0.0 && !moved.contains(&place) {
                let name = alone.need().conditions()[place].name.clone();
                *ratios.entry(name).or_insert(1.0) *= stated / realised;
            }
        }
    }
    Ok(ratios)
}

fn start() -> Timestamp {
    Timestamp::from_ymd(2020, 1, 1).expect("the date exists")
}

fn main() -> Result<(), Box<dyn Error>> {
    let texts: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, usual| texts.get(place).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (people, seed, rounds, years) = (number(0, 100_000), number(1, 1), number(2, 0), number(3, 1));
    let read = |name: &str| texts.get(4).map(|folder| std::fs::read_to_string(format!("{folder}/{name}")));
    let need = match read("need.toml").transpose()? {
        Some(text) => Need::parse("need.toml", &text)?,
        None => Need::england(),
    };
    let tables = Tables { need, expected: read("expected_mortality_ratio.csv").transpose()? };
    let mut out = String::new();
    let ratios = fit(&tables, people, seed + 100, rounds)?;
    for (name, ratio) in &ratios {
        let _ = writeln!(out, "scale {name} {ratio:.4}");
    }
    let scale = NeedScale::new(&tables.need, "fit", &ratios, &[])?;
    let alone = tables.alone(scale, seed);
    let begun = Instant::now();
    let seen = look(&alone, people);
    let seconds = begun.elapsed().as_secs_f64();
    let need = alone.need();
    let _ = writeln!(out, "{people} people in {seconds:.1} s");
    for (place, number, value) in simulated(need, &seen) {
        let (condition, target) = (&need.conditions()[place], &need.conditions()[place].targets[number]);
        let part = if target.held_out { "held out" } else { "tuned" };
        let _ = writeln!(
            out,
            "target {:32} {:10} from {:2} {:9.5} for {:9.5} ({:+5.1} %) {part}",
            condition.name,
            format!("{:?}", target.kind),
            target.from_age,
            value,
            target.value,
            100.0 * (value / target.value - 1.0)
        );
    }
    prevalence(&mut out, need, &seen);
    multimorbidity(&mut out, need, &seen);
    deaths(&mut out, &alone, &seen);
    later(&mut out, &alone, &seen, years);
    std::io::stdout().write_all(out.as_bytes()).expect("standard output is open");
    Ok(())
}

/// True shares in per cent by ten years of age, by sex and in the ends of deprivation.
fn prevalence(out: &mut String, need: &Need, seen: &[Seen]) {
    for condition in need.conditions() {
        let Some(id) = need.find(&condition.name) else { continue };
        let share = |of: &dyn Fn(&Follower) -> bool| {
            let group: Vec<&Follower> = seen.iter().map(|seen| &seen.before).filter(|who| of(who)).collect();
            let cases = group.iter().filter(|who| who.active().contains(id)).count();
            100.0 * cases as f64 / group.len().max(1) as f64
        };
        let _ = write!(out, "share {:32} {:6.2} by age", condition.name, share(&|_| true));
        for decade in 0..10 {
            let _ = write!(out, " {:.1}", share(&|who| who.age_years() as usize / 10 == decade));
        }
        let women = share(&|who| who.sex() == Sex::Female);
        let (poor, rich) = (share(&|who| who.imd_decile() == 1), share(&|who| who.imd_decile() == 10));
        let men = share(&|who| who.sex() == Sex::Male);
        let _ = writeln!(out, " women {women:.2} men {men:.2} deciles 1 and 10 {poor:.2} {rich:.2}");
    }
}

/// Numbers of known morbidities, physical and mental.
fn morbidities(need: &Need, who: &Follower) -> (usize, usize) {
    let mut names: Vec<(&str, Group)> = who
        .known()
        .iter()
        .filter_map(|id| {
            let condition = need.condition(id);
            condition.morbidity.as_deref().map(|name| (name, condition.group))
        })
        .collect();
    names.sort_unstable();
    names.dedup_by_key(|(name, _)| *name);
    let mental = names.iter().filter(|(_, group)| *group == Group::Mental).count();
    (names.len() - mental, mental)
}

/// Picks people by age, decile and numbers of physical and mental morbidities.
type Pick<'a> = &'a dyn Fn(&(f64, u8, usize, usize)) -> bool;

fn multimorbidity(out: &mut String, need: &Need, seen: &[Seen]) {
    let people: Vec<(f64, u8, usize, usize)> = seen
        .iter()
        .map(|seen| {
            let (physical, mental) = morbidities(need, &seen.before);
            (seen.before.age_years(), seen.before.imd_decile(), physical, mental)
        })
        .collect();
    let share = |of: Pick<'_>, is: &dyn Fn(usize, usize) -> bool| {
        let group: Vec<_> = people.iter().filter(|who| of(who)).collect();
        100.0 * group.iter().filter(|who| is(who.2, who.3)).count() as f64 / group.len().max(1) as f64
    };
    let many = |physical: usize, mental: usize| physical + mental >= 2;
    let both = |physical: usize, mental: usize| physical > 0 && mental > 0;
    let _ = writeln!(out, "one or more {:.1} (42.2)", share(&|_| true, &|a, b| a + b > 0));
    let _ = writeln!(out, "two or more {:.1} (23.2)", share(&|_| true, &many));
    let young = people.iter().filter(|who| who.0 < 65.0 && many(who.2, who.3)).count();
    let old = people.iter().filter(|who| who.0 >= 65.0 && many(who.2, who.3)).count();
    let _ = writeln!(out, "multimorbid under 65 to 65 and over {:.2} (1.08)", young as f64 / old as f64);
    let _ = writeln!(
        out,
        "multimorbid at 25-34 {:.1} (8.1), 75 and over {:.1} (76.1), 65 and over {:.1} (64.9)",
        share(&|who| (25.0..35.0).contains(&who.0), &many),
        share(&|who| who.0 >= 75.0, &many),
        share(&|who| who.0 >= 65.0, &many)
    );
    let _ = writeln!(
        out,
        "physical and mental, deciles 1 and 10: {:.1} (11.0) {:.1} (5.9); all {:.1} (8.3)",
        share(&|who| who.1 == 1, &both),
        share(&|who| who.1 == 10, &both),
        share(&|_| true, &both)
    );
    for decile in [1, 10] {
        let _ = write!(out, "multimorbid, decile {decile}, by age");
        for band in 4..17 {
            let ages = f64::from(band) * 5.0..f64::from(band + 1) * 5.0;
            let of = |who: &(f64, u8, usize, usize)| ages.contains(&who.0) && who.1 == decile;
            let _ = write!(out, " {}:{:.0}", band * 5, share(&of, &many));
        }
        let _ = writeln!(out);
    }
    let mental = |count: usize| {
        share(&|who| if count >= 5 { who.2 >= 5 } else { who.2 == count }, &|_, mental| mental > 0)
    };
    let _ = writeln!(
        out,
        "mental disorder among those with 0, 1, 5 or more physical {:.1} {:.1} {:.1}",
        mental(0),
        mental(1),
        mental(5)
    );
    let mean = people.iter().map(|who| (who.2 + who.3) as f64).sum::<f64>() / people.len() as f64;
    let _ = writeln!(out, "mean number of morbidities {mean:.2}");
}

fn deaths(out: &mut String, alone: &NeedAlone, seen: &[Seen]) {
    let mut causes = BTreeMap::<&str, usize>::new();
    let (mut observed, mut expected) = ([0.0; 4], [0.0; 4]);
    for seen in seen {
        let group = match seen.before.age_years() {
            age if age < 45.0 => 1,
            age if age < 75.0 => 2,
            _ => 3,
        };
        let probability = alone.expected_death_within_year(&seen.before);
        for group in [0, group] {
            expected[group] += probability;
            observed[group] += f64::from(u8::from(seen.after.cause_of_death().is_some()));
        }
        if let Some(cause) = seen.after.cause_of_death() {
            *causes.entry(&cause[..3]).or_default() += 1;
        }
    }
    for (group, name) in ["all", "0-44", "45-74", "75+"].iter().enumerate() {
        let ratio = observed[group] / expected[group];
        let _ = writeln!(out, "SMR {name} {ratio:.3}, standard error {:.3}", 1.0 / expected[group].sqrt());
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (cause, count) in causes.iter().take(24) {
        let _ = write!(out, "{cause} {:.1} %, ", 100.0 * *count as f64 / observed[0]);
    }
    let _ = writeln!(out);
}

/// Deaths of `years` against the life table, and what the living then have against what those of their
/// sex and age had at the start.
fn later(out: &mut String, alone: &NeedAlone, seen: &[Seen], years: u64) {
    // Of each year: deaths, those the table expects, and by the model's own hazards and by the table's as
    // they stand when it begins.
    let follow = |seen: &Seen| {
        let mut who = seen.before.clone();
        let mut sums = vec![[0.0; 4]; years as usize];
        for year in &mut sums {
            if who.cause_of_death().is_some() {
                break;
            }
            let hazards = [alone.deaths_per_year(&who), alone.expected_deaths_per_year(&who)];
            let expected = alone.expected_death_within_year(&who);
            alone.year(&mut who);
            let died = f64::from(u8::from(who.cause_of_death().is_some()));
            *year = [died, expected, hazards[0], hazards[1]];
        }
        (who, sums)
    };
    let followed: Vec<(Follower, Vec<[f64; 4]>)> = seen.par_iter().map(follow).collect();
    let sum = |years: std::ops::Range<usize>, column: usize| -> f64 {
        followed.iter().flat_map(|(_, sums)| &sums[years.clone()]).map(|year| year[column]).sum()
    };
    for year in 0..years as usize {
        let hazards = sum(year..year + 1, 2) / sum(year..year + 1, 3);
        let ratio = sum(year..year + 1, 0) / sum(year..year + 1, 1);
        let _ = writeln!(out, "year {}: hazards over the table's {hazards:.3}, SMR {ratio:.3}", year + 1);
    }
    let deaths = sum(0..years as usize, 0);
    let ratio = deaths / sum(0..years as usize, 1);
    let _ = writeln!(out, "SMR of {years} years {ratio:.4}, standard error {:.4}", ratio / deaths.sqrt());
    let cell =
        |who: &Follower| (who.age_years() as usize / 5).min(19) * 2 + usize::from(who.sex() == Sex::Male);
    for condition in alone.need().conditions().iter().filter(|of| of.is_long_term()) {
        let Some(id) = alone.need().find(&condition.name) else { continue };
        let mut cells = [[0.0; 4]; 40];
        for (seen, (after, _)) in seen.iter().zip(&followed) {
            let [people, cases, ..] = &mut cells[cell(&seen.before)];
            *people += 1.0;
            *cases += f64::from(u8::from(seen.before.active().contains(id)));
            if after.cause_of_death().is_none() {
                let [_, _, people, cases] = &mut cells[cell(after)];
                *people += 1.0;
                *cases += f64::from(u8::from(after.active().contains(id)));
            }
        }
        // Nobody is born here: the youngest cells empty as the years go by.
        let both = || cells.iter().filter(|cell| cell[0] > 0.0 && cell[2] > 0.0);
        let at_start: f64 = both().map(|cell| cell[1]).sum();
        let by_then: f64 = both().map(|cell| cell[3] * cell[0] / cell[2]).sum();
        let _ = writeln!(out, "drift {:32} {:+.1} %", condition.name, 100.0 * (by_then / at_start - 1.0));
    }
}
