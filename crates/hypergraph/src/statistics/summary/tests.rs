use super::measure::Hypergraphs;
use super::*;
use crate::statistics::random::{Purpose, below, stream};
use crate::statistics::resampling::{Measure, Resampling, resample};
use crate::statistics::standard::{Cohort, StandardPopulation, Stratum, european_2013};
use crate::{Histories, HistoryOptions, Onset, People, Trait};

/// People with four conditions; those of one group have the pair (a, b) more often, and then in order.
fn cohort(seed: u64, people: usize, more: u32) -> People {
    let mut builder = People::builder();
    let ids = ["a", "b", "c", "d"].map(|name| builder.condition(name));
    let mut generator = stream(seed, Purpose::Simulation, 0);
    let (mut groups, mut sexes) = (Vec::new(), Vec::new());
    for person in 0..people {
        let group = if person % 2 == 0 { "x" } else { "y" };
        let mut onsets: Vec<Onset> = Vec::new();
        let pair = group == "x" && below(&mut generator, 100) < more;
        for (place, id) in ids.iter().enumerate() {
            if below(&mut generator, 100) < 25 || (pair && place < 2) {
                let day = if pair { 10 * place as i32 } else { below(&mut generator, 3000) as i32 };
                onsets.push(Onset::on(*id, day));
            }
        }
        builder.person(&onsets, None);
        groups.push(Some(group));
        sexes.push((person % 17 != 0).then_some(if person % 3 == 0 { "female" } else { "male" }));
    }
    let people = builder.build().with_trait(Trait::new("group", groups).unwrap()).unwrap();
    people.with_trait(Trait::new("sex", sexes).unwrap()).unwrap()
}

fn options(replicates: u32) -> SummaryOptions {
    SummaryOptions {
        resampling: Resampling { replicates, ..Resampling::default() },
        compare: Some(Comparison { by: "group".into(), first: "x".into(), second: "y".into() }),
        standardise: vec!["sex".into()],
        ..SummaryOptions::default()
    }
}

#[test]
fn law_intervals_cover_the_truth_as_often_as_they_say() {
    // The truth is the model of the probabilities themselves.
    let base = cohort(1, 600, 20);
    let histories = Histories::of(&base, &HistoryOptions::default()).unwrap();
    let all = SummaryOptions { least_people: 15.0, ..SummaryOptions::default() };
    let measure = Hypergraphs::of(&histories, &all).unwrap();
    let truth = measure.values(histories.mass());
    let places = measure.places();
    let (mut covered, mut tried) = ([0_u32; 3], [0_u32; 3]);
    for simulation in 0..100 {
        let mut generator = stream(11, Purpose::Simulation, simulation);
        let cells = histories.cell_of_person();
        let cell_of = (0..500).map(|_| cells[below(&mut generator, 600) as usize]).collect();
        let drawn = Cohort::new(histories.cells(), vec![Stratum { cell_of, weight: 1.0 }]);
        let resampling = Resampling { replicates: 199, level: 0.9, seed: simulation };
        let resampled = resample(&[&drawn], &measure, &|mut values| values.swap_remove(0), resampling);
        for (kind, range) in [&places.prevalence, &places.sets, &places.arcs].into_iter().enumerate() {
            for place in range.clone() {
                let (low, high) = resampled.estimate(place).interval.expect("there are resamples");
                covered[kind] += u32::from(low <= truth[place] && truth[place] <= high);
                tried[kind] += 1;
            }
        }
    }
    // Of 90 % intervals, in 100 samples: numbers of one sample go together, so that the share covered
    // has a standard error of at most 0.03; beyond 3.3 of them, once in a thousand seeds.
    for (covered, tried) in covered.into_iter().zip(tried) {
        let share = f64::from(covered) / f64::from(tried);
        assert!(tried >= 300 && (share - 0.9).abs() < 0.1, "{covered} of {tried}");
    }
}

#[test]
fn law_a_planted_difference_is_found_and_none_is_not() {
    let planted = summary(&cohort(3, 4000, 10), &options(199)).unwrap();
    let comparison = planted.comparison.as_ref().unwrap();
    assert_eq!(comparison.sets[0].conditions, ["a", "b"]);
    let pair = &comparison.sets[0].weight;
    assert!(pair.q.unwrap() <= 0.05 && pair.q_normal.unwrap() < 1e-4, "{pair:?}");
    let (low, high) = pair.difference.interval.unwrap();
    assert!(low > 0.0 && high > low && pair.first > pair.second, "{pair:?}");
    let arc = comparison.arcs.iter().find(|arc| arc.tail == ["a"] && arc.head == "b").unwrap();
    assert!(arc.weight.q_normal.unwrap() < 1e-3, "{arc:?}");
    let a = planted.arcs.iter().find(|arc| arc.tail == ["a"] && arc.head == "b").unwrap();
    assert!(a.time.unwrap().median_days.unwrap() < 800.0, "{a:?}");

    // Families with any discovery at 5 %: sets and arcs of 20 equal pairs of groups, 2 expected; 8 or
    // more once in a thousand seeds.
    let mistaken: usize = (0..20)
        .map(|seed| {
            let comparison = summary(&cohort(50 + seed, 600, 0), &options(99)).unwrap().comparison.unwrap();
            let sets = comparison.sets.iter().any(|set| set.weight.q_normal.is_some_and(|q| q <= 0.05));
            let arcs = comparison.arcs.iter().any(|arc| arc.weight.q_normal.is_some_and(|q| q <= 0.05));
            usize::from(sets) + usize::from(arcs)
        })
        .sum();
    assert!(mistaken < 8, "{mistaken}");
}

#[test]
fn law_threads_change_no_bit() {
    let people = cohort(5, 900, 10);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        serde_json::to_string(&pool.install(|| summary(&people, &options(30))).unwrap()).unwrap()
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn regress_small_and_empty_cohorts_are_defined() {
    let plain = SummaryOptions { least_people: 0.0, compare: None, standardise: vec![], ..options(20) };
    let nobody = summary(&People::builder().build(), &plain).unwrap();
    assert_eq!((nobody.people, nobody.conditions.len(), nobody.sets.len()), (0, 0, 0));
    let mut builder = People::builder();
    let (a, b) = (builder.condition("a"), builder.condition("b"));
    builder.condition("never");
    builder.person(&[Onset::on(a, 1), Onset::on(b, 1)], None);
    let one = summary(&builder.build(), &plain).unwrap();
    assert_eq!((one.conditions.len(), one.sets.len(), one.arcs.len()), (2, 1, 2));
    // Numbers that are none would be written as null where a number has to be.
    let text = serde_json::to_string(&one).unwrap();
    assert!(!text.contains("\"value\":null"), "{text}");
    assert_eq!(one.arcs[0].weight.interval.map(|(low, high)| low <= high), Some(true));

    let people = cohort(1, 60, 0);
    let wrong = |by: &str, first: &str| SummaryOptions {
        compare: Some(Comparison { by: by.into(), first: first.into(), second: "y".into() }),
        ..options(0)
    };
    assert!(matches!(summary(&people, &wrong("height", "x")), Err(SummaryError::Trait(_))));
    assert!(matches!(summary(&people, &wrong("group", "z")), Err(SummaryError::Level { .. })));
    let apart = SummaryOptions { standardise: vec!["group".into()], ..options(0) };
    assert!(matches!(summary(&people, &apart), Err(SummaryError::Nobody { .. })));
    let unsure = summary(&people, &SummaryOptions { least_people: 1.0, ..options(0) }).unwrap();
    assert_eq!(unsure.sets[0].weight.interval, None);
    assert_eq!(unsure.comparison.unwrap().sets[0].weight.p, None);
    let levels = summaries_by_level(&people, "sex", &plain).unwrap();
    assert_eq!(levels.iter().map(|(level, _)| level.as_str()).collect::<Vec<_>>(), ["female", "male"]);
}

#[test]
fn law_levels_that_differ_in_age_alone_are_equal_once_standardised_to_one_population() {
    // The old have a and b twice as often as the young; of x four in five are old, of y one in five.
    let mut builder = People::builder();
    let (a, b) = (builder.condition("a"), builder.condition("b"));
    let (mut ages, mut groups) = (Vec::new(), Vec::new());
    for (group, age, people, with) in
        [("x", "70-79", 400, 160), ("x", "40-49", 100, 20), ("y", "70-79", 100, 40), ("y", "40-49", 400, 80)]
    {
        for person in 0..people {
            let onsets = [Onset::on(a, 1), Onset::on(b, 2)];
            builder.person(if person < with { &onsets } else { &[] }, None);
            ages.push(Some(age));
            groups.push(Some(group));
        }
    }
    // Of one age a third group has nobody.
    for _ in 0..50 {
        builder.person(&[Onset::on(a, 1)], None);
        ages.push(Some("70-79"));
        groups.push(Some("z"));
    }
    let people = builder.build().with_trait(Trait::new("age", ages).unwrap()).unwrap();
    let people = people.with_trait(Trait::new("group", groups).unwrap()).unwrap();
    let of = |standardise: &[&str], standard: StandardPopulation| {
        let standardise = standardise.iter().map(|name| (*name).to_owned()).collect();
        let options = SummaryOptions { compare: None, standardise, standard, ..options(0) };
        let levels = summaries_by_level(&people, "group", &options).unwrap();
        let prevalence = |place: usize| levels[place].1.conditions[0].prevalence.value;
        let missing = levels[2].1.standardised.as_ref().map(|account| account.share_missing);
        ([prevalence(0), prevalence(1)], missing)
    };
    let (crude, _) = of(&[], StandardPopulation::Pooled);
    assert!((crude[0] - 0.36).abs() < 1e-12 && (crude[1] - 0.24).abs() < 1e-12, "{crude:?}");
    // Of the 1,050 people 550 are old.
    let (pooled, missing) = of(&["age"], StandardPopulation::Pooled);
    let expected = (550.0 * 0.4 + 500.0 * 0.2) / 1050.0;
    assert!(pooled.iter().all(|value| (value - expected).abs() < 1e-12), "{pooled:?}");
    assert!(missing.is_some_and(|missing| (missing - 500.0 / 1050.0).abs() < 1e-12), "{missing:?}");
    let european = ["40-49", "70-79"].map(|band| (vec![band.to_owned()], european_2013(band).unwrap()));
    let (old, young) = (european[1].1, european[0].1);
    let (european, _) = of(&["age"], StandardPopulation::given(&["age"], european).unwrap());
    let expected = (old * 0.4 + young * 0.2) / (old + young);
    assert!(european.iter().all(|value| (value - expected).abs() < 1e-12), "{european:?}");
}
