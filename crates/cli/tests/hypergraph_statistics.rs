//! `twinloom hypergraph undirected|directed` with the options that say what their numbers are worth.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn twinloom(arguments: &str, folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .arg("hypergraph")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

fn json(arguments: &str, folder: &Path) -> Value {
    let output = twinloom(&format!("{arguments} --json"), folder);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments}: {errors}");
    serde_json::from_slice(&output.stdout).expect("the output is JSON")
}

/// 900 people; b follows a in every third of those of fifth 1, and all else is spread almost evenly.
fn cohort() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut people = String::from("person,condition,date\n");
    let mut traits = String::from("person,sex,age_band,deprivation_fifth,death\n");
    for person in 0..900_usize {
        let fifth = if person % 2 == 0 { 1 } else { 5 };
        let (sex, age) = (["female", "male"][person / 2 % 2], ["40-49", "70-79"][person / 4 % 2]);
        let death = if person % 11 == 0 { "2018-05-05" } else { "" };
        writeln!(traits, "p{person},{sex},{age},{fifth},{death}").expect("text takes text");
        let mut add = |condition: &str, year: usize| {
            writeln!(people, "p{person},{condition},20{:02}-0{}-11", year, person % 9 + 1)
                .expect("text takes text");
        };
        if fifth == 1 && person % 3 == 0 {
            add("a", 3);
            add("b", 7);
        } else if person % 7 == 2 {
            add(if person % 2 == 0 { "a" } else { "b" }, 5);
        }
        for (place, condition) in ["c", "d", "e"].iter().enumerate() {
            if person % (5 + 2 * place) == 1 {
                add(condition, (person / 7 + 3 * place) % 17);
            }
        }
    }
    fs::write(folder.path().join("people.csv"), people).expect("the folder can be written");
    fs::write(folder.path().join("traits.csv"), traits).expect("the folder can be written");
    folder
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

const FILES: &str = "--people people.csv --traits traits.csv";

#[test]
fn law_sets_come_with_intervals_standardised_and_compared() {
    let folder = cohort();
    let asked = format!(
        "undirected {FILES} --bootstrap 99 --interval 0.9 --standardise sex,age_band \
         --compare deprivation_fifth=1:5 --strata sex --null 200 --null-within sex"
    );
    let found = json(&asked, folder.path());
    let statistics = &found["statistics"];
    let best = &statistics["summary"]["comparison"]["sets"][0];
    assert_eq!(best["conditions"], serde_json::json!(["a", "b"]));
    assert!(best["weight"]["q_normal"].as_f64().expect("it was tested") < 0.01, "{best}");
    assert_eq!(statistics["summary"]["standardised"]["strata"], 4);
    assert_eq!(statistics["levels"].as_array().map(Vec::len), Some(2));
    for set in statistics["summary"]["sets"].as_array().expect("there are sets") {
        let (value, interval) = (set["weight"]["value"].as_f64(), &set["weight"]["interval"]);
        let (low, high) = (interval[0].as_f64(), interval[1].as_f64());
        assert!(low <= value && value <= high && low.is_some(), "{set}");
    }
    let pair = statistics["by_chance"]
        .as_array()
        .expect("it was compared")
        .iter()
        .find(|row| row["conditions"] == serde_json::json!(["a", "b"]));
    let pair = pair.expect("150 people have it");
    assert!(pair["q_fitted"].as_f64() < Some(1e-6) && pair["observed"].as_f64() == Some(150.0), "{pair}");
    // 201 is one more than the tables; five conditions make ten pairs.
    let reach = &statistics["reach"];
    assert_eq!(reach["smallest_p"].as_f64(), Some(2.0 / 201.0));
    assert_eq!(reach["families"][0]["tests"].as_f64(), Some(10.0), "{reach}");
    assert_eq!(statistics["summary"]["comparison"]["smallest_p"].as_f64(), Some(0.01));
    assert_eq!(found, json(&asked, folder.path()), "the same again");
    let text = twinloom(&asked, folder.path());
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("Standardised by sex, age_band") && text.contains("Against chance"), "{text}");
    assert!(text.contains("no p is below 9.95e-3"), "{text}");
    let european = format!(
        "undirected {FILES} --standardise sex,age_band --standard esp2013 --strata deprivation_fifth"
    );
    let found = json(&european, folder.path());
    for level in found["statistics"]["levels"].as_array().expect("there are two") {
        let account = &level["summary"]["standardised"];
        // Of 100,000 Europeans 14,000 are in their forties and 9,000 in their seventies.
        let missing = account["share_missing"].as_f64();
        assert_eq!(account["strata"].as_u64(), Some(4), "{account}");
        assert!(missing.is_some_and(|missing| (missing - 0.77).abs() < 1e-9), "{account}");
    }
}

#[test]
fn law_steps_come_with_times_and_what_competes() {
    let folder = cohort();
    let found = json(&format!("directed {FILES} --bootstrap 50 --times --null 1"), folder.path());
    let statistics = &found["statistics"];
    let arcs = statistics["summary"]["arcs"].as_array().expect("there are steps");
    let step = |arc: &&Value| arc["tail"] == serde_json::json!(["a"]) && arc["head"] == "b";
    let days = arcs.iter().find(step).expect("it is frequent")["time"]["median_days"].as_f64();
    assert!(days.is_some_and(|days| (1_460.0..1_462.0).contains(&days)), "{days:?}");
    for next in statistics["next"].as_array().expect("times were asked for") {
        let by = |outcome: &Value| outcome["by"].as_array().and_then(|by| by.last()?["incidence"].as_f64());
        let sum: f64 = next["outcomes"].as_array().expect("there are some").iter().filter_map(by).sum();
        assert!(sum <= 1.0 + 1e-9, "{next}");
    }
    let chance = statistics["by_chance"].as_array().expect("it was compared");
    assert!(chance.iter().any(|row| row["head"] == "b" && row["q"].as_f64() < Some(1e-6)), "{chance:?}");
}

#[test]
fn law_what_may_be_told_holds_no_small_count() {
    let folder = cohort();
    let sets =
        json(&format!("undirected {FILES} --max-size 3 --strata sex --suppress 10 --round 5"), folder.path());
    assert!(sets.get("centrality").is_none() && sets.get("nodes").is_none());
    let told = sets["sets"].as_array().expect("some may be told");
    assert!(told.len() >= 5, "{told:?}");
    for set in told {
        let levels = set["by_level"].as_array().expect("there are two levels").iter();
        for count in levels.chain([&set["people"]]).filter_map(Value::as_u64) {
            assert!(count >= 10 && count % 5 == 0, "{set}");
        }
    }
    let of_levels =
        told.iter().filter(|set| set["by_level"].as_array().is_some_and(|by| by.iter().any(Value::is_u64)));
    assert!(of_levels.count() >= 5, "{told:?}");
    // Neither which sets somebody has, nor why something is withheld, nor how much.
    let keys = |document: &Value| document.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>());
    let expected = ["levels", "people", "people_by_level", "rule", "sets"].map(str::to_owned).to_vec();
    assert_eq!(keys(&sets).map(sorted), Some(expected));
    let listed: BTreeSet<String> = told.iter().map(|set| set["conditions"].to_string()).collect();
    let all = json(&format!("undirected {FILES} --max-size 3 --singles true"), folder.path());
    let all = all["sets"].as_array().expect("there are sets");
    assert!(all.iter().any(|set| (1.0..10.0).contains(&set["count"].as_f64().unwrap_or(0.0))));
    for set in all.iter().filter(|set| set["count"].as_f64() < Some(10.0)) {
        assert!(!listed.contains(&set["members"].to_string()), "{set}");
    }
    let text = twinloom(
        &format!("undirected {FILES} --max-size 3 --strata sex --suppress 10 --round 5"),
        folder.path(),
    );
    assert!(text.stderr.is_empty(), "{}", String::from_utf8_lossy(&text.stderr));
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("withheld or nobody's") && !text.contains("<10"), "{text}");
    let steps = json(&format!("directed {FILES} --suppress 10"), folder.path());
    let told = steps["arcs"].as_array().expect("some may be told");
    assert!(!told.is_empty() && told.iter().all(|arc| arc["people"].as_u64() >= Some(10)), "{told:?}");
    assert_eq!(keys(&steps).map(sorted), Some(vec!["arcs".to_owned(), "rule".into()]));
}

#[test]
fn regress_odd_requests_are_refused_with_what_is_permitted() {
    let folder = cohort();
    for (arguments, expected) in [
        ("undirected --bootstrap 9 --interval 1", "permitted: above 0 and below 1"),
        ("undirected --compare deprivation_fifth", "permitted: TRAIT=A:B"),
        ("undirected --compare deprivation_fifth=1:9", "permitted: 1, 5"),
        ("undirected --standardise height", "permitted: sex, age_band"),
        ("undirected --standardise sex --standard esp2013", "permitted: one trait of age bands"),
        ("undirected --suppress 1", "permitted: a threshold from 2"),
        ("undirected --suppress 5 --round 11", "permitted: 1 to 10"),
        ("undirected --suppress 5 --contribution exclusive", "--contribution power"),
        ("directed --suppress 5 --progression simple", "--progression aggregate"),
        ("directed --suppress 5 --strata sex", "no --strata"),
        ("undirected --suppress 5 --node-weights people.csv", "no --node-weights"),
        ("undirected --suppress 5 --edge-weights people.csv", "cannot be used with"),
        ("undirected --suppress 5 --null", "cannot be used with"),
        ("undirected --standardise sex,age_band,deprivation_fifth --standard esp2013", "perhaps one of sex"),
    ] {
        let output = twinloom(&format!("{arguments} {FILES}"), folder.path());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
        assert!(output.status.code() == Some(2) && flat.contains(expected), "{arguments}: {text}");
    }
}
