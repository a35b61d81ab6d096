//! Derives the aggregates that the twin embeds from open data, and writes them to `crates/twin/data`.
//!
//! Run: `cargo run --release -p twinloom-twin --example derive_population -- DATA_FOLDER`, where the
//! folder holds `uk_population`, `uk_imd`, `uk_lifetables` and `uk_babynames`.
//! Expected: nine CSV files, the same bytes as those in the repository; England's population in
//! mid-2020 adds up to 56,550,138 (ONS), the 2018 table's life expectancies are 79.4 and 83.1.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

mod areas;

use areas::{Authorities, BANDS};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const OGL: &str = "Contains public sector information licensed under the Open Government Licence v3.0";
/// England 2018 to 2020 by decile of deprivation, ONS: life expectancy of decile 1 and of decile 10.
const LIFE_EXPECTANCY_ENDS: [(&str, f64, f64); 2] = [("female", 78.3, 86.3), ("male", 73.5, 83.2)];

/// From it on the balance of the sexes is moved to that of the Census.
const ADULT_AGE: usize = 18;

fn main() -> Outcome<()> {
    let source = std::env::args().nth(1).ok_or("give the folder that holds the open data")?;
    let source = Path::new(&source);
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    std::fs::create_dir_all(&target)?;

    let (age_decile, authorities) = age_and_decile(source)?;
    let mut text = format!(
        "# Usual residents of England, mid-2020, by single year of age (90 = 90 and over) and decile of the\n\
         # Index of Multiple Deprivation 2019 (1 = most deprived) of their Lower layer Super Output Area.\n\
         # Source: ONS mid-2020 small area population estimates joined with MHCLG IMD 2019. {OGL}.\n\
         age,imd_decile,people\n"
    );
    for ((age, decile), people) in &age_decile {
        writeln!(text, "{age},{decile},{people}")?;
    }
    std::fs::write(target.join("population_age_imd.csv"), text)?;

    let mut text = String::from(
        "# Survivors in mid-2020 of 100,000 girls and 105,300 boys born in the year that makes them this old (109 =\n\
         # 109 and over), by the death rates that England and Wales had in each year of their lives; used for the\n\
         # share of each sex at an age and for the ages above 90. For what migration does to the balance, women\n\
         # of 18 and over are multiplied by the factor with which women are 51.04 % of all (Census 2021).\n\
         # Source: Human Mortality Database (www.mortality.org), period 1x1 death rates 1911 to 2018, last\n\
         # modified 10 July 2020, Methods Protocol v6 (CC BY 4.0); ONS Census 2021 (Open Government Licence\n\
         # v3.0); own calculation.\n\
         age,female,male\n",
    );
    let mut survivors = survivors(source)?;
    let factor = factor_for_women(&survivors, &age_decile, share_of_women(source)?);
    for both in &mut survivors[ADULT_AGE..] {
        both[0] *= factor;
    }
    for (age, [female, male]) in survivors.iter().enumerate() {
        writeln!(text, "{age},{female:.0},{male:.0}")?;
    }
    std::fs::write(target.join("sex_by_age.csv"), text)?;

    let mut text = format!(
        "# People of England by ethnic group (Census 2021, 19 groups) and IMD 2019 decile, estimated: within a\n\
         # local authority the groups are spread over deciles as the whole population is.\n\
         # Source: ONS Census 2021 TS021 by local authority, mid-2020 estimates, IMD 2019. {OGL}.\n\
         imd_decile,ethnic_group,people\n"
    );
    for ((decile, group), people) in ethnicity_by_decile(&authorities) {
        writeln!(text, "{decile},{group},{people:.0}")?;
    }
    std::fs::write(target.join("ethnicity_by_imd.csv"), text)?;

    std::fs::write(target.join("areas.csv"), areas::write_areas(&authorities)?)?;
    std::fs::write(target.join("population_area.csv"), areas::write_people(&authorities)?)?;
    std::fs::write(target.join("ethnicity_by_age.csv"), areas::write_groups_by_age(&authorities)?)?;

    let rates = death_rates(source)?;
    let mut text = String::from(
        "# Central death rates per person-year, England and Wales, civilian population, 2018 (110 = 110+).\n\
         # Source: Human Mortality Database (www.mortality.org), period 1x1 death rates, last modified\n\
         # 10 July 2020, Methods Protocol v6. Licence: CC BY 4.0.\n\
         age,female,male\n",
    );
    for (age, [female, male]) in rates.iter().enumerate() {
        writeln!(text, "{age},{female},{male}")?;
    }
    std::fs::write(target.join("death_rates.csv"), text)?;

    let mut text = String::from(
        "# Death rate of each IMD decile (1 = most deprived) relative to decile 5.5. log(ratio) is linear in the\n\
         # decile; the slope is that with which deciles 1 and 10 of the 2018 table differ in life expectancy as\n\
         # published (females 78.3 and 86.3, males 73.5 and 83.2 years).\n\
         # Source: ONS, Health state life expectancies by national deprivation deciles, England 2018 to 2020\n\
         # (Open Government Licence v3.0); own calculation.\n\
         sex,imd_decile,relative_rate\n",
    );
    for (column, (sex, low, high)) in LIFE_EXPECTANCY_ENDS.iter().enumerate() {
        let own: Vec<f64> = rates.iter().map(|rate| rate[column]).collect();
        let slope = slope_for_gap(&own, high - low);
        for decile in 1..=10 {
            writeln!(text, "{sex},{decile},{:.5}", (slope * (5.5 - f64::from(decile))).exp())?;
        }
    }
    std::fs::write(target.join("death_rate_by_imd.csv"), text)?;

    let mut text = format!(
        "# The hundred given names most often registered in England and Wales, by decade of birth and sex, most\n\
         # often first.\n\
         # Source: ONS baby names, historical rankings 1904 to 1994 and counts 2000 to 2019. {OGL}.\n\
         decade,sex,name\n"
    );
    for (decade, sex, name) in given_names(source)? {
        writeln!(text, "{decade},{sex},{name}")?;
    }
    std::fs::write(target.join("given_names.csv"), text)?;
    Ok(())
}

fn gunzip(path: &Path) -> Outcome<String> {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(File::open(path)?).read_to_string(&mut text)?;
    Ok(text)
}

/// Cells of a CSV line; quotes enclose commas, and none of the files escapes a quote.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cells.last_mut().expect("starts with one").push(character),
        }
    }
    cells
}

type AgeDecile = BTreeMap<(u32, u32), u64>;
/// People by decile and ethnic group.
type DecileGroup = BTreeMap<(u32, String), f64>;

fn age_and_decile(source: &Path) -> Outcome<(AgeDecile, Authorities)> {
    let imd = gunzip(&source.join("uk_imd/imd2019_england_lsoa11.csv.gz"))?;
    let mut decile_of = BTreeMap::new();
    for line in imd.lines().skip(1) {
        let cells = cells(line);
        decile_of.insert(cells[0].clone(), cells[1].parse::<f64>()? as u32);
    }
    let places = gunzip(&source.join("uk_population/population20_lsoa11.csv.gz"))?;
    let (mut by_age, mut authorities) = (AgeDecile::new(), Authorities::new());
    for line in places.lines().skip(1) {
        let cells = cells(line);
        let Some(decile) = decile_of.get(&cells[1]) else { continue };
        let district = cells[0].rsplit_once(' ').map_or(cells[0].as_str(), |(name, _)| name);
        let authority = authorities.entry(areas::name_of_2021(district).to_owned()).or_default();
        let bands = authority.people.entry(*decile).or_default();
        for (age, people) in cells[3..].iter().enumerate() {
            let people = people.parse::<f64>()?;
            bands[(age / 5).min(BANDS - 1)] += people;
            *by_age.entry((age as u32, *decile)).or_default() += people as u64;
        }
    }
    areas::complete(source, &mut authorities)?;
    Ok((by_age, authorities))
}

/// Survivors of 100,000 girls and 105,300 boys by age in 2020; years after 2018 have the rates of 2018.
fn survivors(source: &Path) -> Outcome<Vec<[f64; 2]>> {
    let text = std::fs::read_to_string(source.join("uk_lifetables/England_Wales_HMD_Mx_1x1.txt"))?;
    let mut rates = BTreeMap::<(i32, i32), [f64; 2]>::new();
    for line in text.lines().skip(3) {
        let cells: Vec<&str> = line.split_whitespace().collect();
        if let [year, age, female, male, _] = cells[..] {
            let age = age.trim_end_matches('+').parse()?;
            // A dot stands where nobody of the age was alive.
            let rate = |cell: &str| cell.parse().unwrap_or(0.0);
            rates.insert((year.parse()?, age), [rate(female), rate(male)]);
        }
    }
    let cohort = |age: i32| {
        (0..age).fold([100_000.0, 105_300.0], |[female, male], at| {
            let [of_female, of_male] = rates[&((2020 - age + at).min(2018), at)];
            [female * f64::exp(-of_female), male * f64::exp(-of_male)]
        })
    };
    Ok((0..110).map(cohort).collect())
}

/// Women among the residents of England in the Census of 2021.
fn share_of_women(source: &Path) -> Outcome<f64> {
    let text = gunzip(&source.join("uk_population/age_gender21_ltla21_ew.csv.gz"))?;
    let (mut women, mut all) = (0.0, 0.0);
    for line in text.lines().filter(|line| line.starts_with('E')) {
        let cells = cells(line);
        all += cells[1].parse::<f64>()?;
        women += cells[2].parse::<f64>()?;
    }
    Ok(women / all)
}

/// The factor on adult women's survivors with which women are a given share of the population.
fn factor_for_women(survivors: &[[f64; 2]], people: &AgeDecile, share: f64) -> f64 {
    let share_with = |factor: f64| {
        let (mut women, mut all) = (0.0, 0.0);
        for ((age, _), count) in people {
            let [female, male] = survivors[*age as usize];
            let female = if *age as usize >= ADULT_AGE { female * factor } else { female };
            women += *count as f64 * female / (female + male);
            all += *count as f64;
        }
        women / all
    };
    let (mut low, mut high) = (0.5, 2.0);
    for _ in 0..60 {
        let factor = f64::midpoint(low, high);
        if share_with(factor) < share { low = factor } else { high = factor }
    }
    f64::midpoint(low, high)
}

fn ethnicity_by_decile(authorities: &Authorities) -> DecileGroup {
    let mut people = DecileGroup::new();
    for authority in authorities.values() {
        let total: f64 = authority.groups.values().sum();
        for (decile, bands) in &authority.people {
            let residents: f64 = bands.iter().sum();
            for (group, count) in &authority.groups {
                *people.entry((*decile, group.clone())).or_default() += residents * count / total;
            }
        }
    }
    people
}

fn death_rates(source: &Path) -> Outcome<Vec<[f64; 2]>> {
    let text = std::fs::read_to_string(source.join("uk_lifetables/England_Wales_HMD_Mx_1x1.txt"))?;
    let rows = text.lines().filter(|line| line.trim_start().starts_with("2018 "));
    rows.map(|line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        Ok([cells[2].parse()?, cells[3].parse()?])
    })
    .collect()
}

/// Life expectancy at birth under rates that are constant within each year of age, the last for ever.
fn life_expectancy(rates: &[f64], factor: f64) -> f64 {
    let (mut alive, mut years) = (1.0, 0.0);
    for (age, rate) in rates.iter().enumerate() {
        let rate = rate * factor;
        let survives = if age + 1 == rates.len() { 0.0 } else { (-rate).exp() };
        years += alive * (1.0 - survives) / rate;
        alive *= survives;
    }
    years
}

fn slope_for_gap(rates: &[f64], gap: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let slope = f64::midpoint(low, high);
        let reached =
            life_expectancy(rates, (-4.5 * slope).exp()) - life_expectancy(rates, (4.5 * slope).exp());
        if reached < gap { low = slope } else { high = slope }
    }
    f64::midpoint(low, high)
}

fn given_names(source: &Path) -> Outcome<Vec<(u32, String, String)>> {
    let mut ranked = BTreeMap::<(u32, String), Vec<(f64, String)>>::new();
    let historical = gunzip(&source.join("uk_babynames/rankings.csv.gz"))?;
    for line in historical.lines().skip(1) {
        let cells = cells(line);
        let decade = cells[1].parse::<f64>()? as u32 / 10 * 10;
        ranked.entry((decade, cells[3].clone())).or_default().push((cells[2].parse()?, cells[0].clone()));
    }
    let recent = gunzip(&source.join("uk_babynames/ewbabynames.csv.gz"))?;
    let mut header = recent.lines();
    let columns = cells(header.next().unwrap_or_default());
    let place =
        |name: &str| columns.iter().position(|column| column == name).ok_or(format!("no column {name}"));
    let (year, sex, name, count) = (place("year")?, place("sex")?, place("name")?, place("n")?);
    let mut counts = BTreeMap::<(u32, String, String), f64>::new();
    for line in header {
        let cells = cells(line);
        let decade = cells[year].parse::<f64>()? as u32 / 10 * 10;
        if (2000..2020).contains(&decade) {
            *counts.entry((decade, cells[sex].clone(), cells[name].clone())).or_default() +=
                cells[count].parse::<f64>()?;
        }
    }
    for ((decade, sex, name), count) in counts {
        ranked.entry((decade, sex)).or_default().push((-count, name));
    }
    let mut names = Vec::new();
    for ((decade, sex), mut list) in ranked {
        list.sort_by(|a, b| a.partial_cmp(b).expect("ranks and counts are numbers"));
        names.extend(list.into_iter().take(100).map(|(_, name)| (decade, sex.clone(), name)));
    }
    Ok(names)
}
