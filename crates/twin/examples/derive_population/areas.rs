//! Local authorities: residents by age and deprivation, sexes, ethnic groups; ethnic groups by age.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::{OGL, Outcome, cells, gunzip};

/// Five-year bands of age, the last of 90 and over.
pub(crate) const BANDS: usize = 19;
pub(crate) type ByBand = [f64; BANDS];

/// One local authority of April 2021.
#[derive(Default)]
pub(crate) struct Authority {
    pub(crate) code: String,
    /// Residents in mid-2020 by decile and band.
    pub(crate) people: BTreeMap<u32, ByBand>,
    /// Share of women among residents under 20, of 20 to 64, and of 65 and over, in the Census.
    women: [f64; 3],
    /// Residents in the Census by ethnic group.
    pub(crate) groups: BTreeMap<String, f64>,
}

/// By name.
pub(crate) type Authorities = BTreeMap<String, Authority>;

/// Districts of 2011 that have since been renamed or merged, with the name of April 2021.
const RENAMED: [(&str, &str); 29] = [
    ("Aylesbury Vale", "Buckinghamshire"),
    ("Bournemouth", "Bournemouth, Christchurch and Poole"),
    ("Bristol", "Bristol, City of"),
    ("Chiltern", "Buckinghamshire"),
    ("Christchurch", "Bournemouth, Christchurch and Poole"),
    ("Corby", "North Northamptonshire"),
    ("Daventry", "West Northamptonshire"),
    ("East Dorset", "Dorset"),
    ("East Northamptonshire", "North Northamptonshire"),
    ("Forest Heath", "West Suffolk"),
    ("Herefordshire", "Herefordshire, County of"),
    ("Kettering", "North Northamptonshire"),
    ("Kingston upon Hull", "Kingston upon Hull, City of"),
    ("North Dorset", "Dorset"),
    ("Northampton", "West Northamptonshire"),
    ("Poole", "Bournemouth, Christchurch and Poole"),
    ("Purbeck", "Dorset"),
    ("Shepway", "Folkestone and Hythe"),
    ("South Bucks", "Buckinghamshire"),
    ("South Northamptonshire", "West Northamptonshire"),
    ("St Edmundsbury", "West Suffolk"),
    ("Suffolk Coastal", "East Suffolk"),
    ("Taunton Deane", "Somerset West and Taunton"),
    ("Waveney", "East Suffolk"),
    ("Wellingborough", "North Northamptonshire"),
    ("West Dorset", "Dorset"),
    ("West Somerset", "Somerset West and Taunton"),
    ("Weymouth and Portland", "Dorset"),
    ("Wycombe", "Buckinghamshire"),
];

/// Percentage under 18 and of 65 and over of each ethnic group.
const AGES_OF_GROUPS: [(&str, f64, f64); 19] = [
    ("White: English Welsh Scottish Northern Irish or British", 19.0, 22.5),
    ("White: Irish", 8.0, 32.0),
    ("White: Gypsy or Irish Traveller", 35.0, 7.0),
    ("White: Roma", 29.0, 3.0),
    ("White: Other White", 19.0, 8.0),
    ("Mixed or Multiple ethnic groups: White and Black Caribbean", 41.0, 3.0),
    ("Mixed or Multiple ethnic groups: White and Black African", 48.0, 2.0),
    ("Mixed or Multiple ethnic groups: White and Asian", 46.0, 3.5),
    ("Mixed or Multiple ethnic groups: Other Mixed or Multiple ethnic groups", 38.0, 5.0),
    ("Asian: Indian", 23.0, 10.0),
    ("Asian: Pakistani", 34.0, 6.0),
    ("Asian: Bangladeshi", 34.0, 5.0),
    ("Asian: Chinese", 17.0, 7.0),
    ("Asian: Other Asian", 25.0, 7.5),
    ("Black: Caribbean", 16.0, 17.0),
    ("Black: African", 32.0, 4.0),
    ("Black: Other Black", 33.0, 5.0),
    ("Other ethnic group: Arab", 34.0, 4.0),
    ("Other ethnic group: Any other ethnic group", 25.0, 9.0),
];

/// The name of April 2021 for a district of 2011.
pub(crate) fn name_of_2021(name: &str) -> &str {
    RENAMED.iter().find(|renamed| renamed.0 == name).map_or(name, |renamed| renamed.1)
}

/// Adds codes, sexes and ethnic groups to authorities known by their residents.
pub(crate) fn complete(source: &Path, authorities: &mut Authorities) -> Outcome<()> {
    let text = gunzip(&source.join("uk_population/ethnicity21_ltla21.csv.gz"))?;
    for line in text.lines().skip(1) {
        let cells = cells(line);
        let Some(group) = cells[2].strip_suffix("(number)") else { continue };
        let Some(authority) = authorities.get_mut(&cells[1]) else { continue };
        let label = group.trim().rsplit_once(": ").map_or(group.trim(), |(_, name)| name);
        let broad = group.split([':', ',']).next().unwrap_or_default();
        let label = format!("{}: {}", broad.trim(), label.replace(',', ""));
        if !group.contains("Total") {
            authority.code.clone_from(&cells[0]);
            authority.groups.insert(label, cells[3].parse()?);
        }
    }
    let text = gunzip(&source.join("uk_population/age_gender21_ltla21_ew.csv.gz"))?;
    for line in text.lines().skip(1) {
        let cells = cells(line);
        if let Some(authority) = authorities.values_mut().find(|authority| authority.code == cells[0]) {
            let counts = cells[1..].iter().map(|cell| cell.parse()).collect::<Result<Vec<f64>, _>>()?;
            for group in 0..3 {
                let (women, men) = (counts[3 + group], counts[6 + group]);
                authority.women[group] = women / (women + men);
            }
        }
    }
    match authorities.iter().find(|(_, authority)| authority.groups.len() != 19 || authority.women[0] == 0.0)
    {
        Some((name, _)) => Err(format!("{name} lacks sexes or ethnic groups").into()),
        None => Ok(()),
    }
}

/// `areas.csv`.
pub(crate) fn write_areas(authorities: &Authorities) -> Outcome<String> {
    let mut text = format!(
        "# Local authorities of England (April 2021): women per thousand residents of the Census's younger, working\n\
         # and older ages, residents by ethnic group in the Census of 2021, and the name, which may hold commas.\n\
         # Source: ONS Census 2021 (TS021; age by sex by local authority). {OGL}.\n\
         area,women_younger,women_working,women_older"
    );
    for (group, ..) in AGES_OF_GROUPS {
        write!(text, ",{group}")?;
    }
    text.push_str(",name\n");
    for (name, authority) in authorities {
        write!(text, "{}", authority.code)?;
        for share in authority.women {
            write!(text, ",{:.0}", 1000.0 * share)?;
        }
        for (group, ..) in AGES_OF_GROUPS {
            let people = authority.groups.get(group).ok_or_else(|| format!("{name} lacks {group}"))?;
            write!(text, ",{people:.0}")?;
        }
        writeln!(text, ",{name}")?;
    }
    Ok(text)
}

/// `population_area.csv`.
pub(crate) fn write_people(authorities: &Authorities) -> Outcome<String> {
    let mut text = format!(
        "# Usual residents, mid-2020, by local authority of April 2021, decile of the Index of Multiple Deprivation\n\
         # 2019 and five-year band of age (0 to 4, ..., 85 to 89, 90 and over).\n\
         # Source: ONS mid-2020 small area population estimates joined with MHCLG IMD 2019. {OGL}.\n\
         area,imd_decile,people by band\n"
    );
    for authority in authorities.values() {
        for (decile, bands) in &authority.people {
            write!(text, "{},{decile}", authority.code)?;
            for people in bands {
                write!(text, ",{people:.0}")?;
            }
            text.push('\n');
        }
    }
    Ok(text)
}

/// `ethnicity_by_age.csv`: people by band and group that have England's ages and groups, and about the
/// shares of young and old that each group is said to have.
pub(crate) fn write_groups_by_age(authorities: &Authorities) -> Outcome<String> {
    let mut ages = [0.0; BANDS];
    let mut groups = [0.0; 19];
    for authority in authorities.values() {
        for bands in authority.people.values() {
            ages.iter_mut().zip(bands).for_each(|(sum, people)| *sum += people);
        }
        for (sum, (group, ..)) in groups.iter_mut().zip(AGES_OF_GROUPS) {
            *sum += authority.groups[group];
        }
    }
    let factor = ages.iter().sum::<f64>() / groups.iter().sum::<f64>();
    let mut table: Vec<ByBand> = AGES_OF_GROUPS.iter().map(|group| tilted(&ages, group.1, group.2)).collect();
    for _ in 0..200 {
        for (row, people) in table.iter_mut().zip(groups) {
            let sum: f64 = row.iter().sum();
            for cell in row.iter_mut() {
                *cell *= factor * people / sum;
            }
        }
        for band in 0..BANDS {
            let sum: f64 = table.iter().map(|row| row[band]).sum();
            for row in &mut table {
                row[band] *= ages[band] / sum;
            }
        }
    }
    let mut text = format!(
        "# People of England by five-year band of age (0 to 4, ..., 90 and over) and ethnic group, estimated: a group's\n\
         # adults are England's adults tilted exponentially in age, and its children scaled, to the group's percentage\n\
         # under 18 and of 65 and over; then all are fitted to the numbers by age (mid-2020) and by group (Census 2021).\n\
         # The percentages are from memory of the Census of 2021 and to be checked (assumption of this release).\n\
         # Source: as said; ONS Census 2021 TS021 and mid-2020 estimates. {OGL}.\n\
         ethnic_group,people by band\n"
    );
    for ((group, ..), row) in AGES_OF_GROUPS.iter().zip(table) {
        text.push_str(group);
        for people in row {
            write!(text, ",{people:.0}")?;
        }
        text.push('\n');
    }
    Ok(text)
}

/// Shares by band with the given percentages under 18 and of 65 and over.
fn tilted(ages: &ByBand, under_18: f64, over_64: f64) -> ByBand {
    // Band 3 is 15 to 19: three fifths of it are children.
    let child = |band: usize| [1.0, 1.0, 1.0, 0.6].get(band).copied().unwrap_or(0.0);
    let shares = |slope: f64| {
        let tilt = |band: usize| f64::exp(-slope * (band as f64 * 5.0 - 40.0).max(-25.0));
        let adults: ByBand = std::array::from_fn(|band| ages[band] * (1.0 - child(band)) * tilt(band));
        let children: ByBand = std::array::from_fn(|band| ages[band] * child(band) * tilt(3));
        let (grown, young): (f64, f64) = (adults.iter().sum(), children.iter().sum());
        let shares: ByBand = std::array::from_fn(|band| {
            adults[band] / grown * (1.0 - under_18 / 100.0) + children[band] / young * under_18 / 100.0
        });
        shares
    };
    let (mut low, mut high) = (-0.2, 0.2);
    for _ in 0..60 {
        let slope = f64::midpoint(low, high);
        let old: f64 = shares(slope)[13..].iter().sum();
        if 100.0 * old > over_64 { low = slope } else { high = slope }
    }
    shares(f64::midpoint(low, high))
}
