//! What holds for every page: well formed, self-contained, escaped, readable without eyes, repeatable.

use proptest::prelude::*;
use roxmltree::{Document, Node};
use sha2::{Digest as _, Sha256};
use twinloom_event::Timestamp;
use twinloom_report::{
    AgeBand, Budgets, Calibration, CalibrationBin, CalibrationModel, Cell, Combination, ConditionNetwork,
    CurvePanel, Curves, DifferenceRow, DistributionPanel, Distributions, DotMark, DotPlot, DotRow,
    EgoNeighbour, EgoNetwork, EgoSide, Estimate, Fact, GraphEdge, GraphNode, GraphSchema, GroupDifference,
    HeatMap, HeatPanel, Intake, IntakeProblem, IntakeTable, Lane, LaneKind, LaneRow, ManifestEntry, Methods,
    MethodsBlock, ModelKind, ModelResult, Neighbourhood, NetworkNode, NetworkTie, Origin, PatientTimeline,
    Period, PopulationPyramid, Prevalence, PrevalenceRow, ProgressionPoint, ProgressionScatter, Reading,
    ReadingSeries, Report, Results, SchemaEdge, SchemaNode, Section, StepCurves, Stratum, Study, Table,
    TransitionMatrix, Transitions, Walk, WeightBar, WeightBars,
};

/// Every element that a page may hold; `script`, `img`, `link`, `iframe` and `use` are not among them.
const ELEMENTS: &str = "html head meta title style body header footer main nav section aside div p span strong a \
                        h1 h2 h3 h4 ul ol li dl dt dd code figure figcaption details summary table caption thead \
                        tbody tr th td svg g rect circle line polygon polyline path text";

/// A report in which every text is `text`, every number `number` and every count `count`.
fn full(text: &str, number: f64, count: u64) -> Report {
    let words = || text.to_owned();
    let estimate = Estimate::new(number, number - 0.1, number + 0.1);
    let start = Timestamp::from_ymd(2020, 2, 29).expect("2020 is a leap year");
    let later = start.plus_days(400.0).expect("within the years 1 to 9999");
    let mut study = Study::new(Origin::Imported, text, count, count);
    study.command = words();
    study.version = words();
    study.first_event = Some(start);
    study.last_event = Some(later);
    study.facts = vec![Fact::new(text, text)];
    let row = LaneRow {
        name: words(),
        recorded: vec![Period::since(later).note(text), Period::at(start), Period::between(later, start)],
        truth: vec![Period::between(start, later)],
    };
    let kinds = [
        LaneKind::Encounters,
        LaneKind::Conditions,
        LaneKind::Medications,
        LaneKind::Procedures,
        LaneKind::Other,
    ];
    let model = |kind| ModelResult {
        name: words(),
        kind,
        auroc: Some(estimate),
        auprc: None,
        brier: Some(estimate),
        calibration_slope: Some(estimate),
        n: count,
        events: count,
        note: words(),
    };
    let dots = DotPlot {
        caption: words(),
        reading: words(),
        axis: words(),
        value_heading: words(),
        reference: Some(0.0),
        band: Some((-1.0, 1.0)),
        limits: (-5.0, 5.0),
        legend: vec![(DotMark::Disc, words()), (DotMark::Ring, words()), (DotMark::Square, words())],
        rows: vec![
            DotRow::heading(text),
            DotRow { label: words(), estimate: Some(estimate), shown: words(), mark: DotMark::Ring },
            DotRow { label: words(), estimate: None, shown: "nothing".to_owned(), mark: DotMark::Disc },
        ],
    };
    let curves = Curves {
        caption: words(),
        reading: words(),
        across: words(),
        upwards: words(),
        panels: vec![CurvePanel { title: words(), points: vec![(0.0, estimate), (10.0, estimate)] }],
    };
    let budgets = Budgets {
        caption: words(),
        reading: words(),
        across: words(),
        upwards: words(),
        budgets: vec![words(), words()],
        reference: Some((words(), estimate)),
        models: vec![(words(), vec![Some(estimate), None]), (words(), Vec::new())],
    };
    let panel = DistributionPanel {
        title: words(),
        note: words(),
        bins: vec![words(), words()],
        shares: vec![vec![number, number], vec![number], Vec::new()],
    };
    let distributions = Distributions {
        caption: words(),
        reading: words(),
        tables: vec![words(), words(), words()],
        panels: vec![panel, DistributionPanel::default()],
    };
    let heat_map = HeatMap {
        caption: words(),
        reading: words(),
        names: vec![words(), words()],
        full: number,
        panels: vec![HeatPanel {
            title: words(),
            cells: vec![vec![None, Some(number)], vec![Some(-number)]],
        }],
    };
    let steps = StepCurves {
        caption: words(),
        reading: words(),
        across: words(),
        upwards: words(),
        series: vec![(words(), vec![(0.0, 1.0), (number, number)]), (words(), Vec::new())],
    };
    let combinations = [
        Combination::Together(vec![words(), words()]),
        Combination::Progression { tail: vec![words(), words()], head: words() },
        Combination::Progression { tail: Vec::new(), head: words() },
    ];
    let bars = WeightBars {
        population: words(),
        method: words(),
        measure: words(),
        meaning: words(),
        rows: combinations
            .map(|combination| WeightBar { combination, weight: estimate, people: words() })
            .into(),
        left_out: count,
    };
    let scatter = ProgressionScatter {
        population: words(),
        method: words(),
        alike: number,
        points: [estimate, Estimate::new(0.2, 0.1, 0.3), Estimate::new(0.0, 0.0, 0.0)]
            .map(|successor| ProgressionPoint {
                name: words(),
                successor,
                predecessor: estimate,
                people: words(),
            })
            .into(),
    };
    let transitions = Transitions {
        population: words(),
        method: words(),
        conditions: vec![words(), words()],
        matrices: [Walk::Successor, Walk::Predecessor]
            .map(|walk| TransitionMatrix { walk, rows: vec![vec![number, 1.0], vec![0.5], vec![1.0; 9]] })
            .into(),
    };
    let ego = EgoNetwork {
        centre: words(),
        people: words(),
        population: words(),
        method: words(),
        neighbours: [EgoSide::Before, EgoSide::After, EgoSide::Together]
            .map(|side| EgoNeighbour {
                conditions: vec![words(), words()],
                side,
                weight: estimate,
                people: words(),
            })
            .into(),
    };
    let difference = GroupDifference {
        population: words(),
        method: words(),
        measure: words(),
        percent: true,
        first: words(),
        second: words(),
        rows: vec![DifferenceRow {
            label: words(),
            first: estimate,
            second: Estimate::new(0.1, 0.0, 0.2),
            difference: estimate,
            discovered: true,
            q: Some(number),
        }],
        left_out: count,
    };
    let network = ConditionNetwork {
        population: words(),
        method: words(),
        measure: words(),
        nodes: (0..3).map(|community| NetworkNode { name: words(), community, prevalence: number }).collect(),
        ties: (0..5)
            .map(|to| NetworkTie { from: 0, to, strength: estimate, directed: to % 2 == 0 })
            .collect(),
    };
    let stratum = [Stratum::Instance, Stratum::Concept, Stratum::Provenance];
    Report::new(text, study)
        .subtitle(text)
        .section(dots)
        .section(curves)
        .section(budgets)
        .section(distributions)
        .section(heat_map)
        .section(steps)
        .section(bars)
        .section(scatter)
        .section(transitions)
        .section(ego)
        .section(difference)
        .section(network)
        .section(
            Section::new(Intake {
                format: words(),
                files: count,
                bytes: count,
                tables: vec![
                    IntakeTable {
                        name: words(),
                        read: count,
                        kept: count,
                        skipped: count,
                        events: count
                    };
                    2
                ],
                problems: vec![IntakeProblem {
                    table: words(),
                    sort: words(),
                    reason: words(),
                    count,
                    first_location: Some(words()),
                }],
            })
            .heading(text)
            .introduction(text),
        )
        .section(PopulationPyramid {
            age_at: words(),
            bands: vec![
                AgeBand {
                    label: words(),
                    female: count,
                    male: count,
                    other: count,
                    expected_female: Some(number),
                    expected_male: None,
                };
                3
            ],
            expected_source: Some(words()),
        })
        .section(Prevalence {
            population: words(),
            rows: vec![PrevalenceRow::new(text, count / 3, count).target(number, text)],
        })
        .section(PatientTimeline {
            patient: words(),
            description: words(),
            from: None,
            until: None,
            death: Some(later),
            lanes: kinds.map(|kind| Lane { kind, rows: vec![row.clone(); 20] }).into(),
            readings: vec![ReadingSeries {
                name: words(),
                unit: words(),
                readings: vec![Reading { time: start, value: number }, Reading { time: later, value: 1.0 }],
                range: Some((number, 2.0)),
            }],
        })
        .section(GraphSchema {
            nodes: (0..6_usize)
                .map(|index| SchemaNode {
                    label: format!("{text}{index}"),
                    count,
                    stratum: stratum[index % 3],
                })
                .collect(),
            edges: (0..12_usize)
                .map(|index| SchemaEdge {
                    name: format!("{text}{}", index % 4),
                    source: format!("{text}{}", index % 7),
                    target: format!("{text}{}", index * index % 6),
                    count,
                })
                .collect(),
        })
        .section(Neighbourhood {
            centre: words(),
            hops: 1,
            nodes: vec![
                GraphNode {
                    known: Some(start),
                    facts: vec![Fact::new(text, text)],
                    ..GraphNode::new(text, text)
                };
                4
            ],
            edges: (0..5).map(|index| GraphEdge::new(0, index, text)).collect(),
        })
        .section(Results {
            outcome: words(),
            prediction_time: words(),
            population: words(),
            interval_method: words(),
            rows: [ModelKind::Baseline, ModelKind::Model, ModelKind::Control, ModelKind::Comparator]
                .map(model)
                .into(),
        })
        .section(Calibration {
            outcome: words(),
            models: vec![CalibrationModel {
                name: words(),
                bins: vec![
                    CalibrationBin { predicted: number, observed: estimate, n: count, events: count };
                    2
                ],
                histogram: vec![count; 10],
            }],
        })
        .section(Methods {
            blocks: vec![MethodsBlock::new(text, text)],
            limits: vec![words()],
            manifest: vec![ManifestEntry {
                role: words(),
                name: words(),
                bytes: Some(count),
                sha256: words(),
            }],
        })
        .section(Table {
            caption: words(),
            columns: vec![words(), words()],
            rows: vec![vec![Cell::from(text), Cell::Number { value: number, decimals: 2 }, Cell::Empty]],
        })
}

/// Parses the page: all of it is well-formed XML but for the first line.
/// The page without its script, and the script.
fn divided(html: &str) -> (String, String) {
    let start = html.find("<script>").expect("the page has a script");
    let end = html.find("</script>").expect("the script ends");
    let page = format!("{}{}", &html[..start], &html[end + "</script>".len()..]);
    (page, html[start + "<script>".len()..end].to_owned())
}

fn parse(html: &str) -> Document<'_> {
    let body = html.strip_prefix("<!DOCTYPE html>\n").expect("the page begins with its type");
    Document::parse(body).unwrap_or_else(|error| panic!("{error}"))
}

fn check(html: &str) {
    let document = parse(html);
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        assert!(ELEMENTS.split_whitespace().any(|allowed| allowed == name), "{name}");
        for attribute in node.attributes() {
            let handler = attribute.name().starts_with("on");
            let loads = matches!(attribute.name(), "src" | "srcset" | "data" | "style" | "action");
            assert!(!handler && !loads, "{name} {}", attribute.name());
            assert!(
                attribute.name() != "href" || attribute.value().starts_with('#'),
                "{}",
                attribute.value()
            );
        }
    }
}

#[test]
fn law_hostile_text_stays_text() {
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onload='alert(1)",
        "</title></style></svg><script>",
        "]]>&lt;&#x3c;<!-- --> & \u{0}\u{202e}\u{fffe}",
        "javascript:alert(1)",
    ] {
        let (html, script) = divided(&full(hostile, 0.4, 1_234).to_html());
        check(&html);
        assert_eq!(script, divided(&full("plain", 0.4, 1_234).to_html()).1);
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<!--"));
    }
}

#[test]
fn law_nothing_is_loaded_from_elsewhere() {
    let (html, _) = divided(&full("plain", 0.4, 1_234).to_html());
    for loader in ["http:", "https:", "url(", "@import", "src=", "<script", "<link", "data:"] {
        assert!(!html.contains(loader), "{loader}");
    }
    assert!(html.contains("default-src &#39;none&#39;"));
}

/// Every coordinate of the page's drawings is a number that is finite and not beyond all paper.
fn coordinates_are_finite(document: &Document<'_>) -> Result<(), String> {
    const PLACES: [&str; 14] =
        ["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "points", "d", "stroke-width"];
    for node in document.descendants().filter(Node::is_element) {
        for attribute in node.attributes().filter(|attribute| PLACES.contains(&attribute.name())) {
            let parts = attribute.value().split([' ', ',', 'M', 'C', 'L']).filter(|part| !part.is_empty());
            for part in parts {
                let usable = part.parse::<f64>().is_ok_and(|place| place.is_finite() && place.abs() < 1e5);
                if !usable && !matches!(part, "device-width") {
                    return Err(format!("{} {}={:?}", node.tag_name().name(), attribute.name(), part));
                }
            }
        }
    }
    Ok(())
}

#[test]
fn law_only_the_script_named_by_the_policy_may_run() {
    let (page, script) = divided(&full("plain", 0.4, 1_234).to_html());
    let document = parse(&page);
    let policy = document
        .descendants()
        .find(|node| node.attribute("http-equiv") == Some("Content-Security-Policy"))
        .and_then(|node| node.attribute("content"))
        .expect("the page has a policy");
    let digest = base64_standard(&Sha256::digest(script));
    let scripts: Vec<&str> = policy.split("; ").filter(|part| part.starts_with("script-src")).collect();
    assert_eq!(scripts, [format!("script-src 'sha256-{digest}'")]);
    let still = Report::new("t", Study::new(Origin::Simulated, "s", 1, 1)).to_html();
    assert!(!still.contains("<script") && !still.contains("script-src"));
}

/// Bits six by six, most significant first.
fn base64_standard(bytes: &[u8]) -> String {
    let digits: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bits = bytes.iter().fold(String::new(), |bits, byte| format!("{bits}{byte:08b}"));
    let mut text: String = bits
        .as_bytes()
        .chunks(6)
        .map(|chunk| {
            let padded = format!("{:0<6}", String::from_utf8_lossy(chunk));
            digits[usize::from_str_radix(&padded, 2).expect("six bits")]
        })
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn law_drawings_have_a_name_and_tables_have_scopes() {
    let (html, _) = divided(&full("plain", 0.4, 1_234).to_html());
    let document = parse(&html);
    let named = |name: &'static str| document.descendants().filter(move |node| node.has_tag_name(name));
    assert!(named("svg").count() > 20);
    for drawing in named("svg") {
        let hidden = drawing.attribute("aria-hidden") == Some("true");
        let image = drawing.attribute("role") == Some("img")
            && drawing.attribute("aria-label").is_some_and(|label| label.len() > 10);
        assert!(hidden || image);
    }
    assert!(named("th").all(|cell| cell.has_attribute("scope")));
    assert_eq!(named("figure").count(), 19);
    for figure in named("figure") {
        let holds = |name| figure.descendants().any(|node| node.has_tag_name(name));
        assert!(holds("figcaption") && holds("details") && holds("table"));
    }
}

#[test]
fn law_empty_values_make_a_page() {
    let html = Report::new("", Study::new(Origin::Simulated, "", 0, 0))
        .section(Intake::default())
        .section(PopulationPyramid::default())
        .section(Prevalence::default())
        .section(PatientTimeline::default())
        .section(GraphSchema::default())
        .section(Neighbourhood::default())
        .section(Results::default())
        .section(Calibration::default())
        .section(Distributions::default())
        .section(HeatMap::default())
        .section(StepCurves::default())
        .section(WeightBars::default())
        .section(ProgressionScatter::default())
        .section(Transitions::default())
        .section(EgoNetwork::default())
        .section(GroupDifference::default())
        .section(ConditionNetwork::default())
        .section(Methods::default())
        .section(Table::default())
        .to_html();
    check(&html);
    assert!(html.contains("Simulated data. Not for patient care."));
    assert!(!html.contains("NaN") && !html.contains("inf"));
}

#[test]
fn law_each_origin_warns() {
    for origin in [Origin::Simulated, Origin::Demonstration, Origin::Imported] {
        let html = Report::new("t", Study::new(origin, "s", 1, 1)).to_html();
        assert_eq!(html.matches("Not for patient care.").count(), 3, "banner, foot and every printed page");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn law_any_value_makes_the_same_well_formed_page(
        text in any::<String>(), number in any::<f64>(), count in any::<u64>()
    ) {
        let report = full(&text, number, count);
        let (html, script) = divided(&report.to_html());
        check(&html);
        prop_assert_eq!(coordinates_are_finite(&parse(&html)), Ok(()));
        prop_assert_eq!((html, script), divided(&report.clone().to_html()));
    }
}
